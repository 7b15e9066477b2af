/* Quickening: looking at what an instruction meets, and rewriting it into a form that expects the same again.

   Locking: one mutex (specialize_mutex, a leaf) serialises rewriting; the words themselves are read by all threads at any
   time (PROTOCOLS P7). */
#include "specialize.h"
#include "pycore_code.h"
#include "pycore_descrobject.h"
#include "pycore_function.h"
#include "pycore_interp.h"
#include "pycore_list.h"
#include "pycore_lock.h"
#include "pycore_moduleobject.h"
#include "pycore_typeobject.h"
#include "pycore_unicodeobject.h"

static PyMutex specialize_mutex;

#define MAX_MISSES 40
#define FIRST_BACKOFF 4
#define LAST_BACKOFF 11

/* -- Rewriting --------------------------------------------------------------------------------------------------------- */

/* The generic form of each opcode. */
static const uint8_t generic_form[256] = {
#define OP(name, a, b, c, words, effects, description) [OP_##name] = OP_##name,
#define OP_SPECIALISED(name, generic, description) [OP_##name] = OP_##generic,
#include "../compile/opcodes.def"
#undef OP
#undef OP_SPECIALISED
};

int
_PyEval_GenericOpcode(int opcode)
{
    return generic_form[opcode];
}

static uint32_t
next_backoff(uint32_t counter)
{
    uint32_t backoff = counter >> SITE_BACKOFF_SHIFT;
    backoff = backoff < FIRST_BACKOFF ? FIRST_BACKOFF : backoff < LAST_BACKOFF ? backoff + 1 : LAST_BACKOFF;
    return backoff << SITE_BACKOFF_SHIFT | (1u << backoff);
}

/* Specialisation was tried in vain: try again later. */
static void
site_failed(_Py_Instr *pc)
{
    uint64_t cache = __atomic_load_n(&pc[1].word, __ATOMIC_RELAXED);
    if (cache < SITE_COUNTER_LIMIT) {
        __atomic_compare_exchange_n(&pc[1].word, &cache, next_backoff((uint32_t)cache), false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED);
    }
    else {
        SiteRecord *record = (SiteRecord *)(uintptr_t)cache;
        __atomic_store_n(&record->counter, next_backoff(record->counter), __ATOMIC_RELAXED);
    }
}

/* Publishes a record and the opcode that goes with it, unless another thread was faster or the instruction is watched. */
static void
site_publish(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w, int opcode, const SiteRecord *content)
{
    PyCodeObject *co = _PyFrame_GetCode(frame);
    SiteRecord *record = PyMem_Malloc(sizeof(SiteRecord));
    if (record == NULL) {
        return;
    }
    *record = *content;
    record->code = co;
    record->site = pc;
    record->counter = 0;
    record->cooled = 0;
    SiteRecord *old = NULL;
    PyMutex_Lock(&specialize_mutex);
    uint64_t cache = pc[1].word;
    uint64_t word = pc->word;
    bool generic = (word & 0xFF) == generic_form[opcode];
    if (cache >= SITE_COUNTER_LIMIT) {
        old = (SiteRecord *)(uintptr_t)cache;
        if (!old->cooled) {
            generic = false;
        }
    }
    if (generic) {
        __atomic_store_n(&pc[1].word, (uint64_t)(uintptr_t)record, __ATOMIC_RELEASE);
        __atomic_store_n(&pc->word, (word & ~(uint64_t)0xFF) | (uint64_t)opcode, __ATOMIC_RELEASE);
    }
    PyMutex_Unlock(&specialize_mutex);
    if (!generic) {
        PyMem_Free(record);
    }
    else if (old != NULL) {
        _Py_RetireMem((PyObject *)co, old);
    }
}

static void
site_cooled(void *arg)
{
    SiteRecord *record = (SiteRecord *)arg;
    PyCodeObject *code = record->code;
    __atomic_store_n(&record->cooled, 1, __ATOMIC_RELEASE);
    Py_DECREF(code);
}

/* Back to the generic form. */
static void
site_deoptimize(_Py_Instr *pc, SiteRecord *record)
{
    PyMutex_Lock(&specialize_mutex);
    uint64_t word = pc->word;
    int opcode = (int)(word & 0xFF);
    bool specialised = generic_form[opcode] != opcode && pc[1].word == (uint64_t)(uintptr_t)record;
    if (specialised) {
        record->counter = next_backoff(0);
        record->cooled = 0;
        __atomic_store_n(&pc->word, (word & ~(uint64_t)0xFF) | generic_form[opcode], __ATOMIC_RELEASE);
    }
    PyMutex_Unlock(&specialize_mutex);
    if (specialised) {
        Py_INCREF(record->code);
        _Py_RetireCall(site_cooled, record);
    }
}

void
site_miss(_Py_Instr *pc, uint64_t w)
{
    SiteRecord *record = site_record(pc);
    uint32_t misses = __atomic_load_n(&record->counter, __ATOMIC_RELAXED) + 1;
    __atomic_store_n(&record->counter, misses, __ATOMIC_RELAXED);
    if (misses >= MAX_MISSES) {
        site_deoptimize(pc, record);
    }
}

static inline int
op_has_cache(int opcode)
{
    static const uint8_t cached[256] = {
#define CACHED 1
#define J 0
#define RAISES 0
#define CALLS 0
#define POLL 0
#define END 0
#define OP(name, a, b, c, words, effects, description) [OP_##name] = (effects) != 0,
#include "../compile/opcodes.def"
#undef OP
#undef CACHED
#undef J
#undef RAISES
#undef CALLS
#undef POLL
#undef END
    };
    return cached[generic_form[opcode]];
}

static inline int
op_words(int opcode)
{
    static const uint8_t length[256] = {
#define OP(name, a, b, c, words, effects, description) [OP_##name] = words,
#include "../compile/opcodes.def"
#undef OP
    };
    return length[generic_form[opcode]];
}

/* Words of the instruction that begins with this opcode (INSTRUMENTED excepted). */
int
_PyEval_OpcodeWords(int opcode)
{
    return op_words(opcode);
}

extern int _PyMonitoring_OriginalOpcode(PyCodeObject *co, Py_ssize_t i);
extern void _PyMonitoring_FreeCode(PyCodeObject *co);

static int
opcode_at(PyCodeObject *co, Py_ssize_t i)
{
    int opcode = _PyCode_CODE(co)[i].i.op;
    return opcode == OP_INSTRUMENTED ? _PyMonitoring_OriginalOpcode(co, i) : opcode;
}

/* The bytecode as the compiler made it: dst has room for all words. */
void
_PyEval_CopyGenericCode(PyCodeObject *co, _Py_Instr *dst)
{
    _Py_Instr *code = _PyCode_CODE(co);
    Py_ssize_t n = _PyCode_NWORDS(co);
    for (Py_ssize_t i = 0; i < n;) {
        int opcode = opcode_at(co, i);
        int words = op_words(opcode);
        dst[i].word = (__atomic_load_n(&code[i].word, __ATOMIC_RELAXED) & ~(uint64_t)0xFF) | generic_form[opcode];
        for (int k = 1; k < words; k++) {
            dst[i + k].word = op_has_cache(opcode) ? 0 : __atomic_load_n(&code[i + k].word, __ATOMIC_RELAXED);
        }
        i += words > 0 ? words : 1;
    }
}

/* The code object is being destroyed. */
void
_PyEval_ReleaseCodeCaches(PyCodeObject *co)
{
    _Py_Instr *code = _PyCode_CODE(co);
    Py_ssize_t n = _PyCode_NWORDS(co);
    for (Py_ssize_t i = 0; i < n;) {
        int opcode = opcode_at(co, i);
        int words = op_words(opcode);
        if (words == 2 && op_has_cache(opcode) && code[i + 1].word >= SITE_COUNTER_LIMIT) {
            SiteRecord *record = (SiteRecord *)(uintptr_t)code[i + 1].word;
            code[i + 1].word = 0;
            _Py_RetireMem((PyObject *)co, record);
        }
        i += words > 0 ? words : 1;
    }
    _PyMonitoring_FreeCode(co);
}

/* -- LOAD_GLOBAL ---------------------------------------------------------------------------------------------------------- */

/* Entry number and version of the table that holds name: true if both are known. */
static bool
dict_entry(PyObject *op, PyObject *name, uint32_t *index, uint32_t *version, bool *present)
{
    if (!PyDict_CheckExact(op)) {
        return false;
    }
    PyDictObject *dict = (PyDictObject *)op;
    bool ok = false;
    Py_BEGIN_CRITICAL_SECTION(dict);
    _PyObject_SetShared(dict);       /* the instruction reads it without touching */
    PyDictKeysObject *keys = dict->ma_keys;
    if (keys->dk_kind == DICT_KEYS_UNICODE) {
        Py_ssize_t ix = _PyDictKeys_StringLookup(keys, name);
        *present = ix >= 0;
        if (ix >= 0 || ix == DKIX_EMPTY) {
            *index = ix >= 0 ? (uint32_t)ix : 0;
            *version = _PyDict_GetKeysVersionForCurrentState(_PyInterpreterState_GET(), dict);
            ok = *version != 0;
        }
    }
    Py_END_CRITICAL_SECTION();
    return ok;
}

/* Offset of the value of an entry from the beginning of the key table, whose version guards it. */
static uint32_t
value_offset(PyObject *dict, uint32_t index)
{
    PyDictKeysObject *keys = _PyDict_Keys_lockfree((PyDictObject *)dict);
    if (keys->dk_kind != DICT_KEYS_UNICODE) {
        return (uint32_t)offsetof(PyDictKeysObject, dk_indices);      /* replaced meanwhile: the version has changed */
    }
    return (uint32_t)((char *)&DK_UNICODE_ENTRIES(keys)[index].me_value - (char *)keys);
}

void
specialize_load_global(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w)
{
    PyObject *name = NAME_AT(frame, W_WIDE(w));
    SiteRecord record = {0};
    bool present;
    if (!dict_entry(frame->globals, name, &record.index, &record.keys_version, &present)) {
        site_failed(pc);
        return;
    }
    if (present) {
        record.index = value_offset(frame->globals, record.index);
        site_publish(frame, pc, w, OP_LOAD_GLOBAL_MODULE, &record);
        return;
    }
    if (!dict_entry(frame->builtins, name, &record.index, &record.builtins_version, &present) || !present) {
        site_failed(pc);
        return;
    }
    record.index = value_offset(frame->builtins, record.index);
    site_publish(frame, pc, w, OP_LOAD_GLOBAL_BUILTIN, &record);
}

/* -- Attributes ------------------------------------------------------------------------------------------------------------- */

/* What kind of thing the type's MRO has under a name. */
enum descriptor_kind {
    ABSENT, FUNCTION_LIKE, PYTHON_PROPERTY, OBJECT_SLOT, PLAIN_VALUE, OVERRIDING, OTHER
};

static enum descriptor_kind
classify(PyObject *descr)
{
    if (descr == NULL) {
        return ABSENT;
    }
    PyTypeObject *type = Py_TYPE(descr);
    if (type->tp_descr_set != NULL) {
        if (type == &PyProperty_Type) {
            return PYTHON_PROPERTY;
        }
        if (type == &PyMemberDescr_Type) {
            PyMemberDef *member = ((PyMemberDescrObject *)descr)->d_member;
            if (member->type == Py_T_OBJECT_EX && !(member->flags & (Py_AUDIT_READ | Py_READONLY))) {
                return OBJECT_SLOT;
            }
        }
        return OVERRIDING;
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        return FUNCTION_LIKE;
    }
    return type->tp_descr_get == NULL ? PLAIN_VALUE : OTHER;
}

/* A pointer that the version guard keeps valid, as a register value that LOAD copies. */
static _PyValue
cached_value(PyObject *op)
{
    return object_is_uncounted(op) ? _PyValue_Borrow(op) : _PyValue_Steal(op);
}

/* Attribute access by the standard function, and a version tag for the type. */
static PyObject *
lookup_for_cache(PyTypeObject *type, PyObject *name, unsigned int *version)
{
    *version = 0;
    if (type->tp_getattro != PyObject_GenericGetAttr || type->tp_dict == NULL) {
        return NULL;
    }
    return _PyType_LookupByVersion(type, name, version);
}

/* The entry of a name in the shared keys of a type with inline values, or -1. */
static Py_ssize_t
inline_index(PyTypeObject *type, PyObject *name)
{
    PyDictKeysObject *keys = ((PyHeapTypeObject *)type)->ht_cached_keys;
    Py_ssize_t ix = _PyDictKeys_StringLookupSplit(keys, name);
    return ix >= 0 ? ix : -1;
}

static uint32_t
shared_keys_version(PyTypeObject *type, PyObject *name)
{
    PyDictKeysObject *keys = ((PyHeapTypeObject *)type)->ht_cached_keys;
    if (inline_index(type, name) >= 0) {
        return 0;          /* an instance may have it */
    }
    uint32_t version;
    _PyDictKeys_Lock(keys);
    version = _PyDictKeys_GetVersionForCurrentState(_PyInterpreterState_GET(), keys);
    _PyDictKeys_Unlock(keys);
    return version;
}

static void
set_inline_offsets(SiteRecord *record, PyTypeObject *type, Py_ssize_t index)
{
    size_t values = (size_t)type->tp_basicsize;
    record->valid_offset = (uint32_t)(values + offsetof(PyDictValues, valid));
    record->index = (uint32_t)(values + offsetof(PyDictValues, values) + (size_t)index * sizeof(PyObject *));
}

static bool
specialize_module(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w, PyObject *module, PyObject *name, int opcode)
{
    SiteRecord record = {0};
    bool present;
    PyObject *dict = _PyModule_GetDict(module);
    if (_PyType_Lookup(&PyModule_Type, name) != NULL || dict == NULL
        || !dict_entry(dict, name, &record.index, &record.keys_version, &present) || !present) {
        return false;
    }
    record.index = value_offset(dict, record.index);
    site_publish(frame, pc, w, opcode, &record);
    return true;
}

/* An attribute of a class object itself. */
static bool
specialize_class(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w, PyTypeObject *cls, PyObject *name, bool method)
{
    if (Py_TYPE(cls) != &PyType_Type) {
        return false;        /* a metaclass may have a say */
    }
    PyObject *meta = _PyType_Lookup(&PyType_Type, name);
    if (meta != NULL && Py_TYPE(meta)->tp_descr_set != NULL) {
        return false;
    }
    SiteRecord record = {0};
    unsigned int version = 0;
    PyObject *descr = _PyType_LookupByVersion(cls, name, &version);
    if (descr == NULL || version == 0) {
        return false;
    }
    record.type_version = version;
    PyTypeObject *type = Py_TYPE(descr);
    if (type->tp_descr_get == NULL || PyFunction_Check(descr)) {
        record.value = cached_value(descr);
    }
    else if (method && type == &PyClassMethod_Type) {
        PyObject *func = _PyClassMethod_GetFunc(descr);
        if (func == NULL || !PyFunction_Check(func)) {
            return false;
        }
        record.value = cached_value(func);
        record.object = (PyObject *)cls;       /* self is the class */
    }
    else if (type == &PyStaticMethod_Type) {
        PyObject *func = _PyStaticMethod_GetFunc(descr);
        if (func == NULL) {
            return false;
        }
        record.value = cached_value(func);
    }
    else {
        return false;
    }
    site_publish(frame, pc, w, method ? OP_LOAD_METHOD_CLASS : OP_LOAD_ATTR_CLASS, &record);
    return true;
}

/* A name that only the class has: an instance value of that name must be impossible. */
static bool
instance_cannot_shadow(PyTypeObject *type, PyObject *name, SiteRecord *record)
{
    if (_PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)) {
        record->keys_version = shared_keys_version(type, name);
        record->valid_offset = (uint32_t)((size_t)type->tp_basicsize + offsetof(PyDictValues, valid));
        return record->keys_version != 0;
    }
    return type->tp_dictoffset == 0 && !_PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT);
}

static bool
specialize_instance(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w, PyObject *owner, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(owner);
    SiteRecord record = {0};
    unsigned int version;
    PyObject *descr = lookup_for_cache(type, name, &version);
    if (version == 0) {
        return false;
    }
    record.type_version = version;
    enum descriptor_kind kind = classify(descr);
    switch (kind) {
    case OBJECT_SLOT:
        record.index = (uint32_t)((PyMemberDescrObject *)descr)->d_member->offset;
        site_publish(frame, pc, w, OP_LOAD_ATTR_SLOT, &record);
        return true;
    case PYTHON_PROPERTY: {
        PyObject *getter = ((_PyPropertyObject *)descr)->prop_get;
        if (getter == NULL || !PyFunction_Check(getter)) {
            return false;
        }
        PyCodeObject *co = function_code((PyFunctionObject *)getter);
        if (!CODE_HAS_SIMPLE_ARGS(co) || co->co_argcount != 1) {
            return false;
        }
        record.value = cached_value(getter);
        record.object = getter;
        site_publish(frame, pc, w, OP_LOAD_ATTR_PROPERTY, &record);
        return true;
    }
    case OVERRIDING:
    case OTHER:
        return false;
    default:
        break;
    }
    if (_PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)) {
        Py_ssize_t ix = inline_index(type, name);
        if (ix >= 0 && _PyObject_InlineValues(owner)->valid) {
            set_inline_offsets(&record, type, ix);
            site_publish(frame, pc, w, OP_LOAD_ATTR_INSTANCE_VALUE, &record);
            return true;
        }
    }
    if (kind == PLAIN_VALUE && instance_cannot_shadow(type, name, &record)) {
        record.value = cached_value(descr);
        record.index = _PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES);
        site_publish(frame, pc, w, OP_LOAD_ATTR_CLASS_VALUE, &record);
        return true;
    }
    return false;
}

void
specialize_load_attr(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w)
{
    _PyValue v = frame->regs[W_BI(w)];
    if (!_PyValue_IsObject(v)) {
        site_failed(pc);
        return;
    }
    PyObject *owner = _PyValue_AsObject(v);
    PyObject *name = NAME_AT(frame, W_NAME(w));
    bool done;
    if (PyModule_CheckExact(owner)) {
        done = specialize_module(frame, pc, w, owner, name, OP_LOAD_ATTR_MODULE);
    }
    else if (PyType_Check(owner)) {
        done = specialize_class(frame, pc, w, (PyTypeObject *)owner, name, false);
    }
    else {
        done = specialize_instance(frame, pc, w, owner, name);
    }
    if (!done) {
        site_failed(pc);
    }
}

static bool
specialize_method(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w, PyObject *owner, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(owner);
    SiteRecord record = {0};
    unsigned int version;
    PyObject *descr = lookup_for_cache(type, name, &version);
    if (version == 0 || classify(descr) != FUNCTION_LIKE) {
        return false;
    }
    record.type_version = version;
    record.value = cached_value(descr);
    if (_PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)) {
        if (!instance_cannot_shadow(type, name, &record)) {
            return false;
        }
        site_publish(frame, pc, w, OP_LOAD_METHOD_VALUES, &record);
        return true;
    }
    if (type->tp_dictoffset == 0 && !_PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT)) {
        site_publish(frame, pc, w, OP_LOAD_METHOD_NO_DICT, &record);
        return true;
    }
    Py_ssize_t offset = _PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT) ? MANAGED_DICT_OFFSET : type->tp_dictoffset;
    if ((offset < 0 && offset != MANAGED_DICT_OFFSET) || *(PyObject **)((char *)owner + offset) != NULL) {
        return false;
    }
    record.index = (uint32_t)(int32_t)offset;
    site_publish(frame, pc, w, OP_LOAD_METHOD_LAZY_DICT, &record);
    return true;
}

void
specialize_load_method(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w)
{
    PyObject *temp = NULL;
    PyObject *owner = value_object(frame->regs[W_BI(w)], &temp);
    PyObject *name = NAME_AT(frame, W_NAME(w));
    bool done = false;
    if (owner == NULL) {
        PyErr_Clear();
    }
    else if (temp != NULL) {
        Py_DECREF(temp);       /* a number's methods are rare */
    }
    else if (PyModule_CheckExact(owner)) {
        done = specialize_module(frame, pc, w, owner, name, OP_LOAD_METHOD_MODULE);
    }
    else if (PyType_Check(owner)) {
        done = specialize_class(frame, pc, w, (PyTypeObject *)owner, name, true);
    }
    else {
        done = specialize_method(frame, pc, w, owner, name);
    }
    if (!done) {
        site_failed(pc);
    }
}

void
specialize_store_attr(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w)
{
    _PyValue v = frame->regs[W_AI(w)];
    if (!_PyValue_IsObject(v)) {
        site_failed(pc);
        return;
    }
    PyObject *owner = _PyValue_AsObject(v);
    PyObject *name = NAME_AT(frame, W_NAME(w));
    PyTypeObject *type = Py_TYPE(owner);
    SiteRecord record = {0};
    unsigned int version = 0;
    if (type->tp_setattro != PyObject_GenericSetAttr || type->tp_dict == NULL || PyType_Check(owner)) {
        site_failed(pc);
        return;
    }
    PyObject *descr = _PyType_LookupByVersion(type, name, &version);
    if (version == 0) {
        site_failed(pc);
        return;
    }
    record.type_version = version;
    enum descriptor_kind kind = classify(descr);
    if (kind == OBJECT_SLOT) {
        record.index = (uint32_t)((PyMemberDescrObject *)descr)->d_member->offset;
        site_publish(frame, pc, w, OP_STORE_ATTR_SLOT, &record);
        return;
    }
    if (kind != OVERRIDING && kind != PYTHON_PROPERTY && _PyType_HasFeature(type, Py_TPFLAGS_INLINE_VALUES)) {
        Py_ssize_t ix = inline_index(type, name);
        if (ix >= 0 && _PyObject_InlineValues(owner)->valid && _PyObject_GetManagedDict(owner) == NULL) {
            set_inline_offsets(&record, type, ix);
            record.keys_version = (uint32_t)ix;
            site_publish(frame, pc, w, OP_STORE_ATTR_INSTANCE_VALUE, &record);
            return;
        }
    }
    site_failed(pc);
}

/* -- CALL ---------------------------------------------------------------------------------------------------------------------- */

static bool
specialize_call_class(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w, PyTypeObject *type, bool has_self)
{
    SiteRecord record = {0};
    if (type == &PyType_Type && !has_self && W_C(w) == 1) {
        site_publish(frame, pc, w, OP_CALL_TYPE_1, &record);
        return true;
    }
    if (Py_TYPE(type) != &PyType_Type || has_self || type->tp_new != PyBaseObject_Type.tp_new
        || type->tp_alloc != PyType_GenericAlloc || (type->tp_flags & Py_TPFLAGS_IS_ABSTRACT)
        || !(type->tp_flags & Py_TPFLAGS_HEAPTYPE) || type->tp_itemsize != 0) {
        return false;
    }
    unsigned int version = 0;
    PyObject *init = _PyType_LookupByVersion(type, _Py_ID(__init__), &version);
    if (init == NULL || version == 0 || !PyFunction_Check(init)) {
        return false;
    }
    record.type_version = version;
    record.object = (PyObject *)type;
    record.value = cached_value(init);
    site_publish(frame, pc, w, OP_CALL_CLASS, &record);
    return true;
}

static bool
specialize_call_builtin(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w, PyCFunctionObject *func, Py_ssize_t n)
{
    SiteRecord record = {0};
    PyObject *builtins = frame->builtins;
    record.object = (PyObject *)(void *)func->m_ml;
    record.function = (void *)func->m_ml->ml_meth;
    (void)builtins;
    int opcode;
    switch (func->m_ml->ml_flags & (METH_VARARGS | METH_FASTCALL | METH_NOARGS | METH_O | METH_KEYWORDS | METH_METHOD)) {
    case METH_O:
        if (n != 1) {
            return false;
        }
        opcode = strcmp(func->m_ml->ml_name, "len") == 0 && func->m_self != NULL && PyModule_Check(func->m_self)
            ? OP_CALL_LEN : OP_CALL_BUILTIN_O;
        break;
    case METH_FASTCALL:
        opcode = n == 2 && strcmp(func->m_ml->ml_name, "isinstance") == 0 && func->m_self != NULL
                 && PyModule_Check(func->m_self)
            ? OP_CALL_ISINSTANCE : OP_CALL_BUILTIN_FAST;
        break;
    case METH_FASTCALL | METH_KEYWORDS:
        opcode = OP_CALL_BUILTIN_FASTKW;
        break;
    default:
        return false;
    }
    site_publish(frame, pc, w, opcode, &record);
    return true;
}

static bool
specialize_call_descr(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w, PyMethodDescrObject *descr, _PyValue self,
                      Py_ssize_t n)
{
    SiteRecord record = {0};
    if (!_PyValue_IsObject(self) || !PyObject_TypeCheck(_PyValue_AsObject(self), PyDescr_TYPE(descr))) {
        return false;
    }
    record.object = (PyObject *)descr;
    record.function = (void *)descr->d_method->ml_meth;
    int opcode;
    switch (descr->d_method->ml_flags
            & (METH_VARARGS | METH_FASTCALL | METH_NOARGS | METH_O | METH_KEYWORDS | METH_METHOD)) {
    case METH_NOARGS:
        if (n != 1) {
            return false;
        }
        opcode = OP_CALL_METHOD_NOARGS;
        break;
    case METH_O:
        if (n != 2) {
            return false;
        }
        opcode = PyDescr_TYPE(descr) == &PyList_Type && strcmp(descr->d_method->ml_name, "append") == 0
            ? OP_CALL_LIST_APPEND : OP_CALL_METHOD_O;
        break;
    case METH_FASTCALL:
        opcode = OP_CALL_METHOD_FAST;
        break;
    case METH_FASTCALL | METH_KEYWORDS:
        opcode = OP_CALL_METHOD_FASTKW;
        break;
    default:
        return false;
    }
    site_publish(frame, pc, w, opcode, &record);
    return true;
}

void
specialize_call(_PyInterpreterFrame *frame, _Py_Instr *pc, uint64_t w)
{
    _PyValue *block = &frame->regs[W_BI(w)];
    bool done = false;
    if (_PyValue_IsObject(block[0])) {
        PyObject *callable = _PyValue_AsObject(block[0]);
        bool has_self = block_has_self(block);
        Py_ssize_t n = (Py_ssize_t)W_C(w) + has_self;
        if (PyType_Check(callable)) {
            done = specialize_call_class(frame, pc, w, (PyTypeObject *)callable, has_self);
        }
        else if (PyCFunction_CheckExact(callable)) {
            done = specialize_call_builtin(frame, pc, w, (PyCFunctionObject *)callable, n);
        }
        else if (Py_IS_TYPE(callable, &PyMethodDescr_Type) && n > 0) {
            done = specialize_call_descr(frame, pc, w, (PyMethodDescrObject *)callable, block[2 - has_self], n);
        }
    }
    if (!done) {
        site_failed(pc);
    }
}
