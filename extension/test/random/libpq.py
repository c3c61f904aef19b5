"""Sessions on a server, through libpq itself: many at once in one process, without a program a statement."""

import ctypes
import ctypes.util

LIBRARY = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
for name, arguments, result in (
        ("PQconnectdb", [ctypes.c_char_p], ctypes.c_void_p), ("PQstatus", [ctypes.c_void_p], ctypes.c_int),
        ("PQerrorMessage", [ctypes.c_void_p], ctypes.c_char_p), ("PQfinish", [ctypes.c_void_p], None),
        ("PQexec", [ctypes.c_void_p, ctypes.c_char_p], ctypes.c_void_p),
        ("PQresultStatus", [ctypes.c_void_p], ctypes.c_int), ("PQclear", [ctypes.c_void_p], None),
        ("PQresultErrorField", [ctypes.c_void_p, ctypes.c_int], ctypes.c_char_p),
        ("PQntuples", [ctypes.c_void_p], ctypes.c_int), ("PQnfields", [ctypes.c_void_p], ctypes.c_int),
        ("PQgetvalue", [ctypes.c_void_p, ctypes.c_int, ctypes.c_int], ctypes.c_char_p),
        ("PQgetisnull", [ctypes.c_void_p, ctypes.c_int, ctypes.c_int], ctypes.c_int),
        ("PQputCopyData", [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int], ctypes.c_int),
        ("PQputCopyEnd", [ctypes.c_void_p, ctypes.c_char_p], ctypes.c_int),
        ("PQgetResult", [ctypes.c_void_p], ctypes.c_void_p), ("PQtransactionStatus", [ctypes.c_void_p], ctypes.c_int),
        ("PQsetNoticeProcessor", [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p], ctypes.c_void_p)):
    function = getattr(LIBRARY, name)
    function.argtypes, function.restype = arguments, result
SILENT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)(lambda _, message: None)
EMPTY, COMMAND_OK, TUPLES_OK, COPY_IN = 0, 1, 2, 4
IDLE, BROKEN = 0, 4


class ServerError(Exception):
    """What the server said, field by field."""

    def __init__(self, sqlstate, message, detail="", hint="", context=""):
        super().__init__(message)
        self.sqlstate, self.message, self.detail, self.hint, self.context = sqlstate, message, detail, hint, context

    def __str__(self):
        lines = [f"{self.sqlstate}: {self.message}"]
        lines += [f"{what}: {text}" for what, text in (("DETAIL", self.detail), ("HINT", self.hint), ("CONTEXT", self.context)) if text]
        return "\n".join(lines)


def quoted(value):
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


class Session:
    def __init__(self, **settings):
        self.connection = LIBRARY.PQconnectdb(" ".join(f"{key}={quoted(value)}" for key, value in settings.items()).encode())
        LIBRARY.PQsetNoticeProcessor(self.connection, SILENT, None)
        if LIBRARY.PQstatus(self.connection) != 0:
            message = LIBRARY.PQerrorMessage(self.connection).decode(errors="replace")
            self.close()
            raise ServerError("08001", message)

    def close(self):
        if self.connection:
            LIBRARY.PQfinish(self.connection)
            self.connection = None

    @property
    def state(self):
        return LIBRARY.PQtransactionStatus(self.connection)

    def run(self, sql, data=None):
        """The rows of the last result, as lists of texts; `data` are the lines for a COPY FROM STDIN."""
        result = LIBRARY.PQexec(self.connection, sql.encode())
        if result and LIBRARY.PQresultStatus(result) == COPY_IN:
            LIBRARY.PQclear(result)
            text = (data or "").encode()
            LIBRARY.PQputCopyData(self.connection, text, len(text))
            LIBRARY.PQputCopyEnd(self.connection, None)
            result = LIBRARY.PQgetResult(self.connection)
            while further := LIBRARY.PQgetResult(self.connection):
                LIBRARY.PQclear(further)
        try:
            if not result:
                raise ServerError("08006", LIBRARY.PQerrorMessage(self.connection).decode(errors="replace").strip())
            status = LIBRARY.PQresultStatus(result)
            if status not in (EMPTY, COMMAND_OK, TUPLES_OK):
                raise self._error(result)
            rows, columns = LIBRARY.PQntuples(result), LIBRARY.PQnfields(result)
            return [[None if LIBRARY.PQgetisnull(result, row, column) else LIBRARY.PQgetvalue(result, row, column).decode(errors="surrogateescape")
                     for column in range(columns)] for row in range(rows)]
        finally:
            LIBRARY.PQclear(result)

    def value(self, sql):
        return self.run(sql)[0][0]

    def _error(self, result):
        def field(letter):
            return (LIBRARY.PQresultErrorField(result, ord(letter)) or b"").decode(errors="replace")
        if not field("C"):
            return ServerError("08006", LIBRARY.PQerrorMessage(self.connection).decode(errors="replace").strip() or "no answer")
        return ServerError(field("C"), field("M"), field("D"), field("H"), field("W"))
