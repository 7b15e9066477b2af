/* Critical sections: the per-object locks of the free-threaded build; not in the limited API. */
#ifndef Py_CRITICAL_SECTION_H
#define Py_CRITICAL_SECTION_H
#include "cpython/critical_section.h"
#endif
