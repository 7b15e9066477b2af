/* Same as pycore_descrobject.h, under the name of its source folder. */
#include "pycore_descrobject.h"
