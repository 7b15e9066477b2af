/* Quickening: counters, records, guards (PROTOCOLS P7). */
#ifndef VM_SPECIALIZE_H
#define VM_SPECIALIZE_H

#include "vm.h"
#endif
