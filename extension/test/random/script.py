"""A round as plain steps, which can be printed, read again, and made smaller.

    -- judged: ...                      comments before the first step
    -- @setup                           before anything is deployed, as the owner of the tables
    CREATE TABLE ...
    -- @begin transaction               or open; what the members do from here on belongs to it
    -- @a                               a statement of member a
    UPDATE ...
    -- @b unsafe                        of another one; where it fails, its transaction fails, too
    -- @x                               of an outsider
    -- @finish | @abandon
    -- @rollback [N]                    the last N deployments that count; those left are rolled back at the end
"""

import re

HEADER = re.compile(r"^-- @(\w+)(?: (.*))?$")
CONTROLS = ("begin", "finish", "abandon", "rollback", "preview", "drill")
MEMBERS = ("a", "b", "c")
OUTSIDERS = ("x", "y")
CLOSING = {"(": ")", "[": "]"}


class Step:
    def __init__(self, who, sql="", argument=""):
        self.who, self.sql, self.argument = who, sql, argument

    def __str__(self):
        return f"-- @{self.who}{' ' + self.argument if self.argument else ''}{chr(10) + self.sql if self.sql else ''}"

    def split(self):
        """The statement, and the lines of a COPY."""
        if re.match(r"COPY\b.*FROM STDIN", self.sql.split("\n")[0]):
            first, _, data = self.sql.partition("\n")
            return first.rstrip(";"), data + "\n"
        return self.sql, None

    def with_sql(self, sql):
        return Step(self.who, sql, self.argument)


class Script:
    def __init__(self, steps, comments=()):
        self.steps, self.comments = list(steps), list(comments)

    def __str__(self):
        return "\n".join([*(f"-- {comment}" for comment in self.comments), *map(str, self.steps)]) + "\n"

    @classmethod
    def read(cls, text):
        script = cls([])
        for line in text.rstrip("\n").split("\n"):
            if header := HEADER.match(line):
                script.steps.append(Step(header.group(1), "", header.group(2) or ""))
            elif script.steps:
                step = script.steps[-1]
                step.sql += ("\n" if step.sql else "") + line
            else:
                script.comments.append(line.removeprefix("-- "))
        return script


def pieces(text):
    """(start, end, nested) of what is one piece of SQL: a quoted thing, a bracket with all in it, a character."""
    place = 0
    while place < len(text):
        end = place + 1
        if text[place] in "'\"":
            escapes = text[place] == "'" and place and text[place - 1] in "eE"
            while end < len(text):
                if escapes and text[end] == "\\":
                    end += 2
                elif text[end] == text[place]:
                    end += 1
                    if end >= len(text) or text[end] != text[place]:
                        break
                    end += 1
                else:
                    end += 1
        elif dollar := re.match(r"\$\w*\$", text[place:]):
            end = text.find(dollar.group(), place + len(dollar.group()))
            end = len(text) if end < 0 else end + len(dollar.group())
        elif text[place] in CLOSING:
            inner = place + 1
            for start, stop in pieces(text[inner:]):
                if text[inner + start] == CLOSING[text[place]] and stop - start == 1:
                    end = inner + stop
                    break
            else:
                end = len(text)
        yield place, end
        place = end


def items(text):
    """The parts of a list between its commas."""
    start, found = 0, []
    for place, end in pieces(text):
        if text[place:end] == ",":
            found.append(text[start:place].strip())
            start = end
    return [*found, text[start:].strip()]


def brackets(text):
    """(start, end) of each outermost pair of parentheses."""
    return [(place, end) for place, end in pieces(text) if text[place] == "(" and end - place > 1]
