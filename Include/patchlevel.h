/* The version of Python that this is, as numbers, as a string and packed into one integer. */
#ifndef Py_PATCHLEVEL_H
#define Py_PATCHLEVEL_H
#define PY_RELEASE_LEVEL_ALPHA 0xA
#define PY_RELEASE_LEVEL_BETA  0xB
#define PY_RELEASE_LEVEL_GAMMA 0xC
#define PY_RELEASE_LEVEL_FINAL 0xF

#define PY_MAJOR_VERSION  3
#define PY_MINOR_VERSION  14
#define PY_MICRO_VERSION  10
#define PY_RELEASE_LEVEL  PY_RELEASE_LEVEL_FINAL
#define PY_RELEASE_SERIAL 0
#define PY_VERSION        "3.14.10"

/* From the top: a byte each for major, minor and micro, then four bits for level and serial. */
#define _Py_PACK_FULL_VERSION(X, Y, Z, LEVEL, SERIAL) ( \
    (((X) & 0xff) << 24) | \
    (((Y) & 0xff) << 16) | \
    (((Z) & 0xff) << 8) | \
    (((LEVEL) & 0xf) << 4) | \
    (((SERIAL) & 0xf) << 0))

#define PY_VERSION_HEX \
    _Py_PACK_FULL_VERSION(PY_MAJOR_VERSION, PY_MINOR_VERSION, PY_MICRO_VERSION, \
                          PY_RELEASE_LEVEL, PY_RELEASE_SERIAL)
#endif
