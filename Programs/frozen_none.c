/* The bootstrap interpreter has nothing frozen: it reads the library as text. */
#include "Python.h"
#include "pycore_import.h"

static const struct _frozen none[] = {{NULL, NULL, 0, 0}};
const struct _frozen *_PyImport_FrozenBootstrap = none;
