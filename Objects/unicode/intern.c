/* Interned strings, and the cached hash.

   Two tables: the static one, filled at start-up and never changed, shared by all interpreters;
   and one per interpreter.  Both are open addressing with linear probing over str pointers, which
   are not counted references.

   Locking: hits take no lock.  A reader loads the array, then a slot (acquire), compares, counts
   the str with try-incref and looks at the slot again.  Writers hold interned.mutex; a replaced
   array is retired.  A mortal str leaves the table in its dealloc, under the mutex, and when
   several threads run its memory outlives a grace period, so a reader may look at a dying str but
   can never return it. */
#include "unicode_impl.h"
#include "pycore_interp.h"    // struct _is
#include "pycore_lock.h"      // PyMutex

/* Left by a deletion; probing goes on behind it. */
#define DELETED ((PyObject *)(uintptr_t)1)

struct _Py_intern_slots {
    // const
    Py_ssize_t mask;      // number of slots, a power of two, less one
    // guarded by mutex
    Py_ssize_t used;      // strings
    Py_ssize_t filled;    // strings and DELETED
    // atomic: release by writers, acquire by readers
    PyObject *slot[];
};

/* The strings of the static tables; read only after start-up. */
static struct _Py_intern_slots *static_interned;

/* -- Hash ---------------------------------------------------------------------------------- */

Py_hash_t
_PyUnicode_Hash(PyObject *self)
{
    Py_hash_t hash = PyUnicode_HASH(self);
    if (hash != -1) {
        return hash;
    }
    hash = Py_HashBuffer(DATA(self), LENGTH(self) * KIND(self));
    /* Relaxed: every thread computes the same value. */
    PyUnicode_SET_HASH(self, hash);
    return hash;
}

/* -- Tables -------------------------------------------------------------------------------- */

static inline int
interned_state(PyObject *op)
{
    return (int)PyUnicode_CHECK_INTERNED(op);
}

static struct _Py_intern_slots *
slots_new(Py_ssize_t size)
{
    struct _Py_intern_slots *slots =
        PyMem_RawCalloc(1, sizeof(*slots) + (size_t)size * sizeof(PyObject *));
    if (slots != NULL) {
        slots->mask = size - 1;
    }
    return slots;
}

static inline int
same_text(PyObject *a, PyObject *b, Py_hash_t hash)
{
    if (a == b) {
        return 1;
    }
    Py_ssize_t length = LENGTH(b);
    return PyUnicode_HASH(a) == hash && LENGTH(a) == length && KIND(a) == KIND(b)
        && memcmp(DATA(a), DATA(b), (size_t)(length * KIND(b))) == 0;
}

/* The slot of a str equal to op, or NULL.  For the static table and for holders of the mutex. */
static PyObject **
slots_find(struct _Py_intern_slots *slots, PyObject *op, Py_hash_t hash)
{
    for (Py_ssize_t i = hash & slots->mask; slots->slot[i] != NULL; i = (i + 1) & slots->mask) {
        PyObject *found = slots->slot[i];
        if (found != DELETED && same_text(found, op, hash)) {
            return &slots->slot[i];
        }
    }
    return NULL;
}

static void
slots_put(struct _Py_intern_slots *slots, PyObject *op, Py_hash_t hash)
{
    Py_ssize_t i = hash & slots->mask;
    while (slots->slot[i] != NULL) {
        i = (i + 1) & slots->mask;
    }
    /* Release: pairs with the acquire in lookup_lockfree(); op is complete. */
    FT_ATOMIC_STORE_PTR_RELEASE(slots->slot[i], op);
    slots->used++;
    slots->filled++;
}

/* A table with room for one more; the old one if it has it. */
static struct _Py_intern_slots *
slots_with_room(struct _Py_intern_slots *old)
{
    if (old != NULL && (old->filled + 1) * 3 < (old->mask + 1) * 2) {
        return old;
    }
    Py_ssize_t used = old == NULL ? 0 : old->used;
    Py_ssize_t size = 1024;
    while (size < used * 4) {
        size *= 2;
    }
    struct _Py_intern_slots *slots = slots_new(size);
    if (slots == NULL || old == NULL) {
        return slots;
    }
    for (Py_ssize_t i = 0; i <= old->mask; i++) {
        PyObject *op = old->slot[i];
        if (op != NULL && op != DELETED) {
            slots_put(slots, op, PyUnicode_HASH(op));
        }
    }
    return slots;
}

/* -- Lookup -------------------------------------------------------------------------------- */

/* New reference to the interned str equal to op, or NULL (which a racing change can cause too). */
static PyObject *
lookup_lockfree(struct _Py_intern_table *table, PyObject *op, Py_hash_t hash)
{
    struct _Py_intern_slots *slots = FT_ATOMIC_LOAD_PTR_ACQUIRE(table->slots);
    if (slots == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = hash & slots->mask;; i = (i + 1) & slots->mask) {
        PyObject *found = FT_ATOMIC_LOAD_PTR_ACQUIRE(slots->slot[i]);
        if (found == NULL) {
            return NULL;
        }
        if (found == DELETED || !same_text(found, op, hash)) {
            continue;
        }
        if (!_Py_TryIncref(found)) {
            return NULL;
        }
        /* Dealloc empties the slot before the memory can be anything else. */
        if (FT_ATOMIC_LOAD_PTR_ACQUIRE(slots->slot[i]) != found) {
            Py_DECREF(found);
            return NULL;
        }
        return found;
    }
}

PyObject *
_PyUnicode_LookupInterned(PyInterpreterState *interp, PyObject *op)
{
    Py_hash_t hash = _PyObject_HashUnicode(op);
    PyObject **slot = static_interned == NULL ? NULL : slots_find(static_interned, op, hash);
    if (slot != NULL) {
        return *slot;
    }
    PyObject *found = lookup_lockfree(&interp->unicode.interned, op, hash);
    if (found == NULL) {
        struct _Py_intern_table *table = &interp->unicode.interned;
        PyMutex_Lock(&table->mutex);
        found = lookup_lockfree(table, op, hash);
        PyMutex_Unlock(&table->mutex);
    }
    return found;
}

/* -- Interning ----------------------------------------------------------------------------- */

/* op (or an equal str) goes into the table; NULL if there is no memory. */
static PyObject *
intern_insert_lock_held(struct _Py_intern_table *table, PyObject *op, Py_hash_t hash,
                        struct _Py_intern_slots **replaced)
{
    PyObject *found = lookup_lockfree(table, op, hash);
    if (found != NULL) {
        return found;
    }
    struct _Py_intern_slots *old = table->slots;
    struct _Py_intern_slots *slots = slots_with_room(old);
    if (slots == NULL) {
        return NULL;
    }
    _PyObject_SetMaybeWeakref(op);
    _PyUnicode_SetInternedState(op, _Py_IsImmortal(op) ? SSTATE_INTERNED_IMMORTAL : SSTATE_INTERNED_MORTAL);
    slots_put(slots, op, hash);
    if (slots != old) {
        /* Release: pairs with the acquire in lookup_lockfree(). */
        FT_ATOMIC_STORE_PTR_RELEASE(table->slots, slots);
        *replaced = old;
    }
    return Py_NewRef(op);
}

static void
immortalize_interned(PyInterpreterState *interp, PyObject *op)
{
    if (interned_state(op) != SSTATE_INTERNED_MORTAL) {
        return;
    }
    PyMutex_Lock(&interp->unicode.interned.mutex);
    if (interned_state(op) == SSTATE_INTERNED_MORTAL) {
        _Py_SetImmortal(op);
        _PyUnicode_SetInternedState(op, SSTATE_INTERNED_IMMORTAL);
    }
    PyMutex_Unlock(&interp->unicode.interned.mutex);
}

static void
intern_common(PyInterpreterState *interp, PyObject **p, int immortal)
{
    PyObject *op = *p;
    if (op == NULL || !PyUnicode_Check(op)) {
        assert(op != NULL);
        return;
    }
    /* Subclasses are not interned: their equality and hash may be their own. */
    if (!PyUnicode_CheckExact(op)) {
        return;
    }
    if (interned_state(op) != SSTATE_NOT_INTERNED) {
        if (immortal) {
            immortalize_interned(interp, op);
        }
        return;
    }
    Py_hash_t hash = _PyObject_HashUnicode(op);
    PyObject *found = NULL;
    PyObject **slot = static_interned == NULL ? NULL : slots_find(static_interned, op, hash);
    if (slot != NULL) {
        found = *slot;
    }
    else {
        struct _Py_intern_table *table = &interp->unicode.interned;
        found = lookup_lockfree(table, op, hash);
        if (found == NULL) {
            struct _Py_intern_slots *replaced = NULL;
            PyMutex_Lock(&table->mutex);
            found = intern_insert_lock_held(table, op, hash, &replaced);
            PyMutex_Unlock(&table->mutex);
            if (replaced != NULL) {
                _Py_RetireCall(PyMem_RawFree, replaced);
            }
        }
        if (found == NULL) {
            return;  // no memory: op stays as it is, which is allowed
        }
        if (immortal) {
            immortalize_interned(interp, found);
        }
    }
    *p = found;
    Py_DECREF(op);
}

void
_PyUnicode_InternMortal(PyInterpreterState *interp, PyObject **p)
{
    intern_common(interp, p, 0);
}

void
_PyUnicode_InternImmortal(PyInterpreterState *interp, PyObject **p)
{
    intern_common(interp, p, 1);
}

void
_PyUnicode_InternInPlace(PyInterpreterState *interp, PyObject **p)
{
    intern_common(interp, p, 0);
}

void
_PyUnicode_InternStatic(PyInterpreterState *interp, PyObject **p)
{
    PyObject *op = *p;
    assert(ASCII_CAST(op)->state.statically_allocated);
    if (interned_state(op) != SSTATE_NOT_INTERNED) {
        return;
    }
    Py_hash_t hash = _PyObject_HashUnicode(op);
    if (static_interned != NULL) {
        PyObject **slot = slots_find(static_interned, op, hash);
        if (slot != NULL) {
            *p = *slot;
            return;
        }
    }
    struct _Py_intern_slots *slots = slots_with_room(static_interned);
    if (slots == NULL) {
        Py_FatalError("no memory for the static strings");
    }
    if (slots != static_interned) {
        PyMem_RawFree(static_interned);
        static_interned = slots;
    }
    slots_put(slots, op, hash);
    _PyUnicode_SetInternedState(op, SSTATE_INTERNED_IMMORTAL_STATIC);
}

void
PyUnicode_InternInPlace(PyObject **p)
{
    _PyUnicode_InternMortal(_PyInterpreterState_GET(), p);
}

/* Stable ABI, without a header. */
PyAPI_FUNC(void) PyUnicode_InternImmortal(PyObject **p);
void
PyUnicode_InternImmortal(PyObject **p)
{
    _PyUnicode_InternImmortal(_PyInterpreterState_GET(), p);
}

PyObject *
PyUnicode_InternFromString(const char *cp)
{
    PyObject *s = PyUnicode_FromString(cp);
    if (s != NULL) {
        _PyUnicode_InternMortal(_PyInterpreterState_GET(), &s);
    }
    return s;
}

/* -- Death of interned strings -------------------------------------------------------------- */

void
unicode_unintern_dying(PyObject *op)
{
    struct _Py_intern_table *table = &_PyInterpreterState_GET()->unicode.interned;
    PyMutex_Lock(&table->mutex);
    if (table->slots != NULL) {
        for (Py_ssize_t i = PyUnicode_HASH(op) & table->slots->mask;
             table->slots->slot[i] != NULL; i = (i + 1) & table->slots->mask) {
            if (table->slots->slot[i] == op) {
                FT_ATOMIC_STORE_PTR_RELEASE(table->slots->slot[i], DELETED);
                table->slots->used--;
                break;
            }
        }
    }
    _PyUnicode_SetInternedState(op, SSTATE_NOT_INTERNED);
    PyMutex_Unlock(&table->mutex);
}

void
_PyUnicode_ClearInterned(PyInterpreterState *interp)
{
    struct _Py_intern_slots *slots = interp->unicode.interned.slots;
    if (slots == NULL) {
        return;
    }
    interp->unicode.interned.slots = NULL;
    for (Py_ssize_t i = 0; i <= slots->mask; i++) {
        PyObject *op = slots->slot[i];
        if (op != NULL && op != DELETED) {
            _PyUnicode_SetInternedState(op, SSTATE_NOT_INTERNED);
        }
    }
    PyMem_RawFree(slots);
}

/* -- Counting, for sys and tests ------------------------------------------------------------ */

Py_ssize_t
_PyUnicode_InternedSize(void)
{
    struct _Py_intern_slots *slots = _PyInterpreterState_GET()->unicode.interned.slots;
    return (slots == NULL ? 0 : slots->used) + (static_interned == NULL ? 0 : static_interned->used);
}

Py_ssize_t
_PyUnicode_InternedSize_Immortal(void)
{
    struct _Py_intern_table *table = &_PyInterpreterState_GET()->unicode.interned;
    Py_ssize_t count = static_interned == NULL ? 0 : static_interned->used;
    PyMutex_Lock(&table->mutex);
    for (Py_ssize_t i = 0; table->slots != NULL && i <= table->slots->mask; i++) {
        PyObject *op = table->slots->slot[i];
        count += op != NULL && op != DELETED && interned_state(op) >= SSTATE_INTERNED_IMMORTAL;
    }
    PyMutex_Unlock(&table->mutex);
    return count;
}

/* -- _Py_Identifier (public, deprecated) ---------------------------------------------------- */

PyObject *
_PyUnicode_FromId(_Py_Identifier *id)
{
    struct _Py_unicode_ids *ids = &_PyInterpreterState_GET()->unicode.ids;
    static Py_ssize_t next_index;  // guarded by ids->mutex of the main interpreter's first use
    static PyMutex index_mutex;

    Py_ssize_t index = FT_ATOMIC_LOAD_SSIZE_RELAXED(id->index);
    if (index < 0) {
        PyMutex_Lock(&index_mutex);
        if (id->index < 0) {
            FT_ATOMIC_STORE_SSIZE_RELAXED(id->index, next_index);
            next_index++;
        }
        index = id->index;
        PyMutex_Unlock(&index_mutex);
    }
    PyMutex_Lock(&ids->mutex);
    PyObject *obj = index < ids->size ? ids->array[index] : NULL;
    PyMutex_Unlock(&ids->mutex);
    if (obj != NULL) {
        return obj;
    }
    obj = PyUnicode_FromString(id->string);
    if (obj == NULL) {
        return NULL;
    }
    _PyUnicode_InternImmortal(_PyInterpreterState_GET(), &obj);
    PyMutex_Lock(&ids->mutex);
    if (index >= ids->size) {
        Py_ssize_t size = Py_MAX(index * 2, 16);
        PyObject **array = PyMem_RawRealloc(ids->array, (size_t)size * sizeof(PyObject *));
        if (array == NULL) {
            PyMutex_Unlock(&ids->mutex);
            Py_DECREF(obj);
            PyErr_NoMemory();
            return NULL;
        }
        memset(array + ids->size, 0, (size_t)(size - ids->size) * sizeof(PyObject *));
        ids->array = array;
        ids->size = size;
    }
    ids->array[index] = obj;
    PyMutex_Unlock(&ids->mutex);
    return obj;
}

void
_PyUnicode_Fini(PyInterpreterState *interp)
{
    PyMem_RawFree(interp->unicode.ids.array);
    interp->unicode.ids.array = NULL;
    interp->unicode.ids.size = 0;
    _PyUnicode_FiniEncodings(&interp->unicode.fs_codec);
}
