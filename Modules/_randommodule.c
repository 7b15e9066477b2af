/* _random: the Mersenne Twister MT19937.

   Source: M. Matsumoto and T. Nishimura, "Mersenne Twister" (1998), with the initialisation of 2002.
   The state of a generator is guarded by its critical section. */
#include "Python.h"
#include "pycore_args.h"         // PY_LOCKED_O
#include "pycore_long.h"         // _PyLong_UInt64_Converter
#include "pycore_modsupport.h"   // _PyArg_NoKeywords
#include "pycore_pyhash.h"       // _PyOS_URandomNonblock

#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#define N 624
#define M 397

typedef struct {
    PyObject_HEAD
    int index;            /* guarded by mutex: next word of the state to use, N when there is none */
    uint32_t state[N];    /* guarded by mutex */
} RandomObject;

typedef struct {
    PyTypeObject *random_type;
} random_module_state;

static struct PyModuleDef random_module;

/* -- The generator -------------------------------------------------------- */

static void
refill(uint32_t *mt)
{
    for (int k = 0; k < N; k++) {
        uint32_t y = (mt[k] & 0x80000000U) | (mt[(k + 1) % N] & 0x7fffffffU);
        mt[k] = mt[(k + M) % N] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfU : 0);
    }
}

static uint32_t
next_word(RandomObject *self)
{
    if (self->index >= N) {
        refill(self->state);
        self->index = 0;
    }
    uint32_t y = self->state[self->index++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680U;
    y ^= (y << 15) & 0xefc60000U;
    y ^= y >> 18;
    return y;
}

static void
seed_word(RandomObject *self, uint32_t seed)
{
    uint32_t *mt = self->state;
    mt[0] = seed;
    for (uint32_t i = 1; i < N; i++) {
        mt[i] = 1812433253U * (mt[i - 1] ^ (mt[i - 1] >> 30)) + i;
    }
    self->index = N;
}

static void
seed_words(RandomObject *self, const uint32_t *key, size_t size)
{
    uint32_t *mt = self->state;
    seed_word(self, 19650218U);
    size_t i = 1, j = 0;
    for (size_t k = size > N ? size : N; k > 0; k--) {
        mt[i] = (mt[i] ^ ((mt[i - 1] ^ (mt[i - 1] >> 30)) * 1664525U)) + key[j] + (uint32_t)j;
        if (++i == N) {
            mt[0] = mt[N - 1];
            i = 1;
        }
        if (++j == size) {
            j = 0;
        }
    }
    for (size_t k = N - 1; k > 0; k--) {
        mt[i] = (mt[i] ^ ((mt[i - 1] ^ (mt[i - 1] >> 30)) * 1566083941U)) - (uint32_t)i;
        if (++i == N) {
            mt[0] = mt[N - 1];
            i = 1;
        }
    }
    mt[0] = 0x80000000U;
}

/* -- Seeding -------------------------------------------------------------- */

static void
seed_from_system(RandomObject *self)
{
    uint32_t key[N];
    if (_PyOS_URandomNonblock(key, sizeof(key)) == 0) {
        seed_words(self, key, N);
        return;
    }
    PyErr_Clear();
    struct timespec now, monotonic;
    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    const uint32_t weak[] = {(uint32_t)now.tv_sec, (uint32_t)now.tv_nsec, (uint32_t)getpid(),
                             (uint32_t)monotonic.tv_sec, (uint32_t)monotonic.tv_nsec};
    seed_words(self, weak, Py_ARRAY_LENGTH(weak));
}

/* The absolute value of n in words of 32 bits. */
static int
seed_from_int(RandomObject *self, PyObject *n)
{
    size_t size = (size_t)((_PyLong_NumBits(n) + 31) / 32);
    if (size == 0) {
        size = 1;
    }
    uint32_t stack[16], *key = size <= 16 ? stack : PyMem_Malloc(size * 4);
    if (key == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    unsigned char *bytes = (unsigned char *)key;
    int status = _PyLong_AsByteArray((PyLongObject *)n, bytes, size * 4, 1, 0, 1);
    if (status == 0) {
        for (size_t i = 0; i < size; i++) {
            const unsigned char *b = bytes + 4 * i;
            key[i] = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
        }
        seed_words(self, key, size);
    }
    if (key != stack) {
        PyMem_Free(key);
    }
    return status;
}

/* An int that stands for the seed: its absolute value, or the hash of anything else. */
static PyObject *
seed_number(PyObject *arg)
{
    if (PyLong_CheckExact(arg)) {
        return PyNumber_Absolute(arg);
    }
    if (PyLong_Check(arg)) {
        return PyLong_Type.tp_as_number->nb_absolute(arg);
    }
    Py_hash_t hash = PyObject_Hash(arg);
    return hash == -1 ? NULL : PyLong_FromSize_t((size_t)hash);
}

static int
random_seed_impl(PyObject *self, PyObject *arg)
{
    PyObject *n = NULL;
    int status = 0;
    if (arg != NULL && arg != Py_None) {
        n = seed_number(arg);
        if (n == NULL) {
            return -1;
        }
    }
    Py_BEGIN_CRITICAL_SECTION(self);
    if (n == NULL) {
        seed_from_system((RandomObject *)self);
    }
    else {
        status = seed_from_int((RandomObject *)self, n);
    }
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(n);
    return status;
}

/* -- Methods -------------------------------------------------------------- */

static PyObject *
random_seed(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("seed", nargs, 0, 1)
        || random_seed_impl(self, nargs ? args[0] : NULL) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
random_random_lock_held(RandomObject *self)
{
    uint32_t a = next_word(self) >> 5, b = next_word(self) >> 6;
    return PyFloat_FromDouble((a * 67108864.0 + b) * (1.0 / 9007199254740992.0));
}

PY_LOCKED_NOARGS(random, random, RandomObject)

static PyObject *
random_bits(RandomObject *self, uint64_t k)
{
    if (k <= 32) {
        return PyLong_FromUInt32(k == 0 ? 0 : next_word(self) >> (32 - k));
    }
    uint64_t words = (k - 1) / 32 + 1;
    if (words > PY_SSIZE_T_MAX / 4) {
        return PyErr_NoMemory();
    }
    uint32_t stack[16], *w = words <= 16 ? stack : PyMem_Malloc(words * 4);
    if (w == NULL) {
        return PyErr_NoMemory();
    }
    for (uint64_t i = 0; i < words; i++, k -= 32) {
        uint32_t word = next_word(self);
        if (k < 32) {
            word >>= 32 - k;
        }
#if PY_BIG_ENDIAN
        word = __builtin_bswap32(word);
#endif
        w[i] = word;
    }
    PyObject *result = _PyLong_FromByteArray((unsigned char *)w, words * 4, 1, 0);
    if (w != stack) {
        PyMem_Free(w);
    }
    return result;
}

static PyObject *
random_getrandbits(PyObject *self, PyObject *arg)
{
    uint64_t k;
    if (!_PyLong_UInt64_Converter(arg, &k)) {
        return NULL;
    }
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = random_bits((RandomObject *)self, k);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *
random_getstate_lock_held(RandomObject *self)
{
    PyObject *result = PyTuple_New(N + 1);
    for (int i = 0; result != NULL && i <= N; i++) {
        PyObject *word = PyLong_FromUInt32(i < N ? self->state[i] : (uint32_t)self->index);
        if (word == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, word);
    }
    return result;
}

PY_LOCKED_NOARGS(random, getstate, RandomObject)

static PyObject *
random_setstate_lock_held(RandomObject *self, PyObject *state)
{
    uint32_t words[N];
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state vector must be a tuple");
        return NULL;
    }
    if (PyTuple_Size(state) != N + 1) {
        PyErr_SetString(PyExc_ValueError, "state vector is the wrong size");
        return NULL;
    }
    for (int i = 0; i < N; i++) {
        unsigned long word = PyLong_AsUnsignedLong(PyTuple_GET_ITEM(state, i));
        if (word == (unsigned long)-1 && PyErr_Occurred()) {
            return NULL;
        }
        words[i] = (uint32_t)word;
    }
    long index = PyLong_AsLong(PyTuple_GET_ITEM(state, N));
    if (index == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (index < 0 || index > N) {
        PyErr_SetString(PyExc_ValueError, "invalid state");
        return NULL;
    }
    memcpy(self->state, words, sizeof(words));
    self->index = (int)index;
    Py_RETURN_NONE;
}

PY_LOCKED_O(random, setstate, RandomObject)

static int
random_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (kwargs != NULL) {
        PyObject *module = PyType_GetModuleByDef(Py_TYPE(self), &random_module);
        if (module == NULL) {
            return -1;
        }
        random_module_state *state = PyModule_GetState(module);
        if (Py_IS_TYPE(self, state->random_type) && !_PyArg_NoKeywords("Random", kwargs)) {
            return -1;
        }
    }
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (!_PyArg_CheckPositional("Random", nargs, 0, 1)) {
        return -1;
    }
    return random_seed_impl(self, nargs ? PyTuple_GET_ITEM(args, 0) : NULL);
}

static void
random_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef random_methods[] = {
    PY_METHOD(random, random, METH_NOARGS, "($self, /)", "Next number of the interval [0, 1)."),
    PY_METHOD(random, seed, METH_FASTCALL, "($self, n=None, /)",
              "Start over from an int or a hash; without one, from the randomness of the system."),
    PY_METHOD(random, getstate, METH_NOARGS, "($self, /)", "The internal state, as a tuple."),
    PY_METHOD(random, setstate, METH_O, "($self, state, /)", "Go back to a state that getstate() returned."),
    PY_METHOD(random, getrandbits, METH_O, "($self, k, /)", "An int of k random bits."),
    {NULL},
};

static PyType_Slot random_slots[] = {
    {Py_tp_doc, (void *)"Random() -> a generator of pseudo-random numbers with a state of its own."},
    {Py_tp_methods, random_methods},
    {Py_tp_init, random_init},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_dealloc, random_dealloc},
    {0, NULL},
};

static PyType_Spec random_spec = {
    .name = "_random.Random",
    .basicsize = sizeof(RandomObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = random_slots,
};

/* -- The module ----------------------------------------------------------- */

static int
random_exec(PyObject *module)
{
    random_module_state *state = PyModule_GetState(module);
    state->random_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &random_spec, NULL);
    return state->random_type == NULL ? -1 : PyModule_AddType(module, state->random_type);
}

static int
random_traverse(PyObject *module, visitproc visit, void *arg)
{
    random_module_state *state = PyModule_GetState(module);
    Py_VISIT(state->random_type);
    return 0;
}

static int
random_clear(PyObject *module)
{
    random_module_state *state = PyModule_GetState(module);
    Py_CLEAR(state->random_type);
    return 0;
}

static PyModuleDef_Slot random_module_slots[] = {
    {Py_mod_exec, random_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static struct PyModuleDef random_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_random",
    .m_doc = "The Mersenne Twister generator of random numbers.",
    .m_size = sizeof(random_module_state),
    .m_slots = random_module_slots,
    .m_traverse = random_traverse,
    .m_clear = random_clear,
};

PyMODINIT_FUNC
PyInit__random(void)
{
    return PyModuleDef_Init(&random_module);
}
