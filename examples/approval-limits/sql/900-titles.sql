-- Titles as the new navigation shows them.
UPDATE apps.workflow SET title = title || ' (v' || version || ')';
