/* Interpolations of template strings. */
#include "pycore_template.h"
