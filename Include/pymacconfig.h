/* Corrections to pyconfig.h for macOS universal builds; nothing on other systems. */
#ifndef Py_PYMACCONFIG_H
#define Py_PYMACCONFIG_H
#ifdef __APPLE__
#  undef WORDS_BIGENDIAN
#  ifdef __BIG_ENDIAN__
#    define WORDS_BIGENDIAN 1
#  endif
#endif
#endif
