/* What the files of this folder share.  Nobody else includes it. */
#ifndef TYPE_INTERNAL_H
#define TYPE_INTERNAL_H

#include "Python.h"
#include "pycore_atomic_ft.h"
#include "pycore_object.h"
#include "pycore_object_protocol.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_slotref.h"
#include "pycore_typeobject.h"

typedef struct wrapperbase pytype_slotdef;

#define ASSERT_TYPE_LOCK_HELD() assert(_PyType_LockHeld())

/* -- Static state of a type: fields that readers load without the lock ---------------------------------- */

static inline PyObject *
type_dict(PyTypeObject *type)                  /* borrowed */
{
    return type->tp_dict;
}

/* Borrowed until the next quiescent point, or NULL before the type is ready. */
static inline PyObject *
type_mro(PyTypeObject *type)
{
    return (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(type->tp_mro);
}

static inline PyObject *
type_bases(PyTypeObject *type)
{
    return (PyObject *)FT_ATOMIC_LOAD_PTR_ACQUIRE(type->tp_bases);
}

static inline void
type_set_flags(PyTypeObject *type, unsigned long flags)
{
    FT_ATOMIC_STORE_ULONG_RELAXED(type->tp_flags, flags);
}

static inline void
type_add_flags(PyTypeObject *type, unsigned long flags)
{
    type_set_flags(type, type->tp_flags | flags);
}

static inline void
type_clear_flags(PyTypeObject *type, unsigned long flags)
{
    type_set_flags(type, type->tp_flags & ~flags);
}

#define is_static_type(type) (!((type)->tp_flags & Py_TPFLAGS_HEAPTYPE))

/* -- mro.c -------------------------------------------------------------------------------------------------- */

extern int _PyType_ComputeMRO(PyTypeObject *type, PyObject **p_old_mro);    /* sets tp_mro: 1, 0 reentered, -1 */
extern int _PyType_AddSubclass(PyTypeObject *base, PyTypeObject *type);
extern int _PyType_AddAllSubclasses(PyTypeObject *type, PyObject *bases);
extern void _PyType_RemoveSubclass(PyTypeObject *base, PyTypeObject *type);
extern void _PyType_RemoveAllSubclasses(PyTypeObject *type, PyObject *bases);
extern int _PyType_IsSubtypeNoMRO(PyTypeObject *a, PyTypeObject *b);
extern int _PyType_SetBases(PyTypeObject *type, PyObject *new_bases);
extern PyObject *_PyType_MroMethod(PyObject *self, PyObject *ignored);     /* type.mro() */
extern PyObject *_PyType_SubclassesMethod(PyObject *self, PyObject *ignored);

/* -- lookup.c ------------------------------------------------------------------------------------------------- */

/* Called after tp_mro was set: a custom mro() makes the type uncacheable if it is not a plain one. */
extern int _PyType_MroModified(PyTypeObject *type, PyObject *bases);

/* -- slots.c -------------------------------------------------------------------------------------------------- */

extern int _PyType_AddSlotWrappers(PyTypeObject *type);        /* __repr__ and so on for slots that are set */
extern int _PyType_FixupSlots(PyTypeObject *type);             /* slots for the dunders in the MRO */
extern int _PyType_UpdateSlotsRecursive(PyTypeObject *type, PyObject *name);
extern int _PyType_UpdateAllSlots(PyTypeObject *type);
extern void _PyType_InheritSlots(PyTypeObject *type, PyTypeObject *base);
extern int _PyType_IsDunder(PyObject *name);
extern void _PyType_InitSlotNames(void);
extern PyObject *_PyType_TpNewWrapper(PyObject *self, PyObject *args, PyObject *kwds);
extern int _PyType_AddTpNewWrapper(PyTypeObject *type);

/* slot_functions.c: tables' functions are declared by the macros of slotdefs.def. */

/* -- new.c, ready.c, instance.c --------------------------------------------------------------------------------- */

extern PyObject *_PyType_New(PyTypeObject *metatype, PyObject *args, PyObject *kwds);    /* type.__new__ */
extern PyTypeObject *_PyType_BestBase(PyObject *bases);
extern PyTypeObject *_PyType_SolidBase(PyTypeObject *type);
extern int _PyType_CheckLayout(PyTypeObject *oldto, PyTypeObject *newto, const char *attr);
extern int _PyType_SetNames(PyTypeObject *type, PyObject *names_and_values);
extern int _PyType_InitSubclass(PyTypeObject *type, PyObject *kwds);
extern int _PyType_AddMethodsAndMembers(PyTypeObject *type);
extern PyGetSetDef _PyType_SubtypeGetsetFull[], _PyType_SubtypeGetsetDictOnly[], _PyType_SubtypeGetsetWeakrefOnly[];

extern int _PyType_SubtypeTraverse(PyObject *self, visitproc visit, void *arg);
extern int _PyType_SubtypeClear(PyObject *self);
extern PyMemberDef *_PyType_HeapMembers(PyTypeObject *type);

/* tp_new of object and of types made from it */
extern PyObject *_PyObject_TpNew(PyTypeObject *type, PyObject *args, PyObject *kwds);
extern int _PyObject_TpInit(PyObject *self, PyObject *args, PyObject *kwds);
extern void _PyType_TypeDeallocCommon(PyTypeObject *type);

/* object.c, reduce.c */
extern PyObject *_PyObject_ReduceEx(PyObject *self, PyObject *protocol);
extern PyObject *_PyObject_Reduce(PyObject *self, PyObject *ignored);
extern PyObject *_PyObject_GetStateDefault(PyObject *obj);
extern PyObject *_PyObject_GetStateMethod(PyObject *self, PyObject *ignored);    /* object.__getstate__ */
extern int _PyType_MergeClassDict(PyObject *dict, PyObject *aclass);

#endif
