/* Internals shared by list[int] and X | Y. */
#include "pycore_unionobject.h"
