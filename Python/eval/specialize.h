/* Quickening: counters, records, guards (PROTOCOLS P7).

   The cache word of an instruction is one of
     a counter          below SITE_COUNTER_LIMIT: generic executions left before specialisation is tried (0: not run yet)
     a record           pointer to a SiteRecord: what the specialised form needs; stays when the site goes generic again
   A record is immutable but for its bookkeeping.  A site changes its kind only after a grace period in the generic
   form (`cooled`), so that no thread reads a record with an opcode of another kind.  Records are freed with the code object
   or retired when a new one takes their place. */
#ifndef VM_SPECIALIZE_H
#define VM_SPECIALIZE_H

#include "vm.h"
#include "pycore_dict.h"
#include "pycore_list.h"

#define SITE_COUNTER_LIMIT ((uint64_t)0x10000)
#define SITE_COUNT_MASK 0xFFFu
#define SITE_BACKOFF_SHIFT 12

typedef struct _Py_SiteRecord {
    /* -- const once published -- */
    uint32_t type_version;
    uint32_t keys_version;
    uint32_t index;              /* entry number, or offset in bytes */
    uint32_t valid_offset;       /* offset of the `valid` byte of inline values */
    _PyValue value;              /* borrowed bit: need not be counted */
    PyObject *object;            /* identity that is compared, or the getter */
    void *function;              /* C function */
    uint32_t builtins_version;
    uint32_t unused;
    PyCodeObject *code;          /* borrowed: the code object that holds the record */
    _Py_Instr *site;
    /* -- atomic, relaxed: bookkeeping -- */
    uint32_t counter;            /* misses while specialised; generic executions left (as in the cache word) after that */
    uint8_t cooled;              /* a grace period has passed since the site went generic */
} SiteRecord;

static inline SiteRecord *
site_record(_Py_Instr *pc)
{
    /* Acquire: pairs with the release that published the record. */
    return (SiteRecord *)(uintptr_t)__atomic_load_n(&pc[1].word, __ATOMIC_ACQUIRE);
}

/* After a guard failed.  The instruction then goes the generic way. */
extern void site_miss(_Py_Instr *pc, uint64_t w);

/* A generic execution: true if specialisation is due. */
static inline bool
site_count(_Py_Instr *pc)
{
    uint64_t cache = __atomic_load_n(&pc[1].word, __ATOMIC_RELAXED);
    if (cache < SITE_COUNTER_LIMIT) {
        if (cache == 0) {
            cache = 3;
        }
        if ((cache & SITE_COUNT_MASK) <= 1) {
            return true;
        }
        __atomic_store_n(&pc[1].word, cache - 1, __ATOMIC_RELAXED);
        return false;
    }
    SiteRecord *record = (SiteRecord *)(uintptr_t)cache;
    uint32_t counter = __atomic_load_n(&record->counter, __ATOMIC_RELAXED);
    if ((counter & SITE_COUNT_MASK) <= 1) {
        return __atomic_load_n(&record->cooled, __ATOMIC_ACQUIRE) != 0;
    }
    __atomic_store_n(&record->counter, counter - 1, __ATOMIC_RELAXED);
    return false;
}

/* Try to specialise the instruction at pc for the operands it has now. */
extern void specialize_load_global(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w);
extern void specialize_load_attr(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w);
extern void specialize_load_method(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w);
extern void specialize_store_attr(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w);
extern void specialize_call(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w);

/* -- Second halves of specialised instructions ---------------------------------------------------------------------- */

/* v, a number, put into the box that the old value of a slot is: done if nobody else has that box. */
static inline bool
rebox_in_place(PyObject *old, _PyValue v)
{
    if (_PyValue_IsDouble(v)) {
        if (PyFloat_CheckExact(old) && _PyObject_IsUnique(old)) {
            ((PyFloatObject *)old)->ob_fval = _PyValue_AsDouble(v);
            return true;
        }
        return false;
    }
    int64_t i = _PyValue_AsInt(v);
    if (_PY_IS_SMALL_INT(i) || !PyLong_CheckExact(old) || !_PyObject_IsUnique(old)) {
        return false;
    }
    PyLongObject *box = (PyLongObject *)old;
    uint64_t magnitude = i < 0 ? (uint64_t)-i : (uint64_t)i;
    Py_ssize_t ndigits = magnitude >> PyLong_SHIFT ? 2 : 1;
    if (_PyLong_DigitCount(box) != ndigits) {
        return false;
    }
    box->long_value.lv_tag = _PyLong_TAG(i < 0 ? -1 : 1, ndigits);
    box->long_value.ob_digit[0] = (digit)(magnitude & PyLong_MASK);
    if (ndigits == 2) {
        box->long_value.ob_digit[1] = (digit)(magnitude >> PyLong_SHIFT);
    }
    return true;
}

/* owner.x = value in the inline values of an object without a dict: true, and the old value (unlinked, or NULL) in *old.
   value is stolen then. */
static inline bool
store_inline_value(PyObject *owner, const SiteRecord *record, PyObject *value, PyObject **old)
{
    bool done = false;
    _Py_BEGIN_LEAF_SECTION(owner);
    if (_PyObject_GetManagedDict(owner) == NULL && *((uint8_t *)owner + record->valid_offset)) {
        _PyContainer_Write(owner);
        PyObject **slot = (PyObject **)(void *)((char *)owner + record->index);
        *old = *slot;
        if (*old == NULL) {
            _PyDictValues_AddToInsertionOrder(
                (PyDictValues *)(void *)((char *)owner + record->valid_offset - offsetof(PyDictValues, valid)),
                (Py_ssize_t)record->keys_version);
        }
        /* Release: the value is complete before a reader finds it. */
        FT_ATOMIC_STORE_PTR_RELEASE(*slot, value);
        done = true;
    }
    _Py_END_LEAF_SECTION();
    return done;
}

/* The same for a number that fits the box that is there.  True: done. */
static inline bool
store_inline_number(PyObject *owner, const SiteRecord *record, _PyValue v)
{
    if (!_PyObject_IsPrivate(owner) || !*((uint8_t *)owner + record->valid_offset)) {
        return false;
    }
    PyObject *old = *(PyObject **)(void *)((char *)owner + record->index);
    return old != NULL && rebox_in_place(old, v);
}

/* Steals value; returns what was there. */
static inline PyObject *
store_slot(PyObject *owner, uint32_t offset, PyObject *value)
{
    PyObject *old;
    _Py_BEGIN_LEAF_SECTION(owner);
    _PyContainer_Write(owner);
    PyObject **slot = (PyObject **)(void *)((char *)owner + offset);
    old = *slot;
    FT_ATOMIC_STORE_PTR_RELEASE(*slot, value);
    _Py_END_LEAF_SECTION();
    return old;
}

/* list[i] = v for an index in range: 1; 0: not in range; -1 with MemoryError.  Consumes nothing. */
static inline int
list_store(PyObject *list, int64_t i, _PyValue v)
{
    PyListObject *self = (PyListObject *)list;
    if (_PyValue_IsNumber(v) && (uint64_t)i < (uint64_t)Py_SIZE(self) && _PyObject_IsPrivate(list)
        && rebox_in_place(self->ob_item[i], v)) {
        return 1;
    }
    PyObject *value = _PyValue_ToNewObject(v);
    if (value == NULL) {
        return -1;
    }
    PyObject *old = NULL;
    int done = 0;
    _Py_BEGIN_LEAF_SECTION(list);
    if (i < 0) {
        i += Py_SIZE(self);
    }
    if ((uint64_t)i < (uint64_t)Py_SIZE(self)) {
        _PyContainer_Write(list);
        old = self->ob_item[i];
        FT_ATOMIC_STORE_PTR_RELEASE(self->ob_item[i], value);
        done = 1;
    }
    _Py_END_LEAF_SECTION();
    if (done) {
        _Py_RetireRef(list, old);
    }
    else {
        Py_DECREF(value);
    }
    return done;
}

static inline int
list_append_steal(PyObject *list, PyObject *item)
{
    int status;
    Py_BEGIN_CRITICAL_SECTION(list);
    status = _PyList_AppendTakeRef((PyListObject *)list, item);
    Py_END_CRITICAL_SECTION();
    return status;
}

static inline int
is_instance(_PyValue v, PyObject *cls)
{
    PyTypeObject *type = value_type(v);
    if ((PyObject *)type == cls || (Py_IS_TYPE(cls, &PyType_Type) && PyType_IsSubtype(type, (PyTypeObject *)cls))) {
        return 1;
    }
    PyObject *temp;
    PyObject *op = value_object(v, &temp);
    if (op == NULL) {
        return -1;
    }
    int result = PyObject_IsInstance(op, cls);
    Py_XDECREF(temp);
    return result;
}
#endif
