/* First touch of a container by a thread that is not its owner (PROTOCOLS P2): under the mutex no write of the owner
   is half done, and every later unlink sees the bit. */
#include "Python.h"
#include "pycore_container.h"

void
_PyContainer_TouchSlow(PyObject *op)
{
    Py_BEGIN_CRITICAL_SECTION(op);
    _PyObject_SetShared(op);
    Py_END_CRITICAL_SECTION();
}
