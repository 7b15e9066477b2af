/* The line of each word of a code object, all at once. */
#include "monitoring_internal.h"
#include "../../Objects/code/code_private.h"

void
_Py_LocationFill(PyCodeObject *co, int32_t *lines, Py_ssize_t n)
{
    struct location_cursor cursor;
    Py_ssize_t i = 0;
    _PyLocation_Start(&cursor, co);
    while (_PyLocation_Next(&cursor)) {
        for (; i < cursor.end && i < n; i++) {
            lines[i] = cursor.line;
        }
    }
    for (; i < n; i++) {
        lines[i] = -1;
    }
}
