/* _thread: what the threading module is made of.  The types are in _thread_lock.c, _thread_local.c and
   _thread_handle.c. */
#include "Python.h"
#include "_thread_int.h"
#include "pycore_args.h"          // PY_METHOD
#include "pycore_interp.h"
#include "pycore_modsupport.h"
#include "pycore_pyerrors.h"      // _PyErr_Display
#include "pycore_pystate.h"
#include "pycore_pythread.h"
#include "pycore_structseq.h"
#include "pycore_time.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>

/* The system takes names of up to 16 bytes, the last one zero. */
#define THREAD_NAME_MAXLEN 15

/* -- Starting threads ---------------- */

static int
check_may_start(PyInterpreterState *interp, int daemon)
{
    if (!_PyInterpreterState_HasFeature(interp, Py_RTFLAGS_THREADS)) {
        PyErr_SetString(PyExc_RuntimeError, "thread is not supported for isolated subinterpreters");
        return -1;
    }
    if (daemon && !_PyInterpreterState_HasFeature(interp, Py_RTFLAGS_DAEMON_THREADS)) {
        PyErr_SetString(PyExc_RuntimeError, "daemon threads are disabled in this interpreter");
        return -1;
    }
    if (_PyInterpreterState_GetFinalizing(interp) != NULL || _PyRuntimeState_GetFinalizing(&_PyRuntime) != NULL) {
        PyErr_SetString(PyExc_PythonFinalizationError, "can't create new thread at interpreter shutdown");
        return -1;
    }
    return 0;
}

static PyObject *
thread_start_new_thread(PyObject *Py_UNUSED(module), PyObject *fargs)
{
    PyObject *func, *args, *kwargs = NULL;
    if (!PyArg_UnpackTuple(fargs, "start_new_thread", 2, 3, &func, &args, &kwargs)) {
        return NULL;
    }
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "first arg must be callable");
        return NULL;
    }
    if (!PyTuple_Check(args)) {
        PyErr_SetString(PyExc_TypeError, "2nd arg must be a tuple");
        return NULL;
    }
    if (kwargs != NULL && !PyDict_Check(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "optional 3rd arg must be a dictionary");
        return NULL;
    }
    if (PySys_Audit("_thread.start_new_thread", "OOO", func, args, kwargs ? kwargs : Py_None) < 0
        || check_may_start(_PyInterpreterState_GET(), 1) < 0) {
        return NULL;
    }
    ThreadHandle *handle = _PyThreadHandle_New();
    if (handle == NULL) {
        return NULL;
    }
    int result = _PyThreadHandle_Start(handle, func, args, kwargs, 1);
    PyThread_ident_t ident = handle->ident;
    _PyThreadHandle_DecRef(handle);
    return result < 0 ? NULL : PyLong_FromUnsignedLongLong(ident);
}

static PyObject *
thread_start_joinable_thread(PyObject *module, PyObject *fargs, PyObject *fkwargs)
{
    static char *keywords[] = {"function", "handle", "daemon", NULL};
    PyObject *func, *hobj = NULL;
    int daemon = 1;
    thread_module_state *state = get_thread_state(module);
    if (!PyArg_ParseTupleAndKeywords(fargs, fkwargs, "O|Op:start_joinable_thread", keywords,
                                     &func, &hobj, &daemon)) {
        return NULL;
    }
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "thread function must be callable");
        return NULL;
    }
    if (hobj == Py_None) {
        hobj = NULL;
    }
    if (hobj != NULL && !Py_IS_TYPE(hobj, state->thread_handle_type)) {
        PyErr_SetString(PyExc_TypeError, "'handle' must be a _ThreadHandle");
        return NULL;
    }
    if (PySys_Audit("_thread.start_joinable_thread", "OiO", func, daemon, hobj ? hobj : Py_None) < 0
        || check_may_start(_PyInterpreterState_GET(), daemon) < 0) {
        return NULL;
    }
    if (hobj == NULL) {
        hobj = (PyObject *)_PyThreadHandleObject_New(state->thread_handle_type);
        if (hobj == NULL) {
            return NULL;
        }
    }
    else {
        Py_INCREF(hobj);
    }
    PyObject *args = PyTuple_New(0);
    int result = args == NULL ? -1
        : _PyThreadHandle_Start(((PyThreadHandleObject *)hobj)->handle, func, args, NULL, daemon);
    Py_XDECREF(args);
    if (result < 0) {
        Py_DECREF(hobj);
        return NULL;
    }
    return hobj;
}

/* -- Facts and small deeds ---------------- */

static PyObject *
thread_daemon_threads_allowed(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(_PyInterpreterState_HasFeature(_PyInterpreterState_GET(), Py_RTFLAGS_DAEMON_THREADS));
}

static PyObject *
thread_exit(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    PyErr_SetNone(PyExc_SystemExit);
    return NULL;
}

static PyObject *
thread_interrupt_main(PyObject *Py_UNUSED(module), PyObject *args)
{
    int signum = SIGINT;
    if (!PyArg_ParseTuple(args, "|i:signum", &signum)) {
        return NULL;
    }
    if (PyErr_SetInterruptEx(signum) != 0) {
        PyErr_SetString(PyExc_ValueError, "signal number out of range");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
thread_allocate_lock(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    PyTypeObject *type = get_thread_state(module)->lock_type;
    return type->tp_alloc(type, 0);
}

static PyObject *
thread_get_ident(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromUnsignedLongLong(PyThread_get_thread_ident_ex());
}

static PyObject *
thread_get_native_id(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromUnsignedLong(PyThread_get_thread_native_id());
}

static PyObject *
thread__count(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t(__atomic_load_n(&_PyThread_count, __ATOMIC_RELAXED));
}

/* Less than this a thread cannot even report that its stack is used up. */
#define MIN_STACK_SIZE 53248

static PyObject *
thread_stack_size(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_ssize_t new_size = 0;
    if (!PyArg_ParseTuple(args, "|n:stack_size", &new_size)) {
        return NULL;
    }
    if (new_size != 0 && new_size < MIN_STACK_SIZE) {
        PyErr_Format(PyExc_ValueError, "size must be at least %i bytes", MIN_STACK_SIZE);
        return NULL;
    }
    Py_ssize_t old_size = (Py_ssize_t)PyThread_get_stacksize();
    if (PyTuple_GET_SIZE(args) > 0 && PyThread_set_stacksize((size_t)new_size) == -1) {
        PyErr_Format(PyExc_ValueError, "size not valid: %zd bytes", new_size);
        return NULL;
    }
    return PyLong_FromSsize_t(old_size);
}

static PyObject *
thread__is_main_interpreter(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(_Py_IsMainInterpreter(_PyInterpreterState_GET()));
}

static PyObject *
thread__shutdown(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return _PyThreadHandle_Shutdown(_PyInterpreterState_GET());
}

static PyObject *
thread__make_thread_handle(PyObject *module, PyObject *identobj)
{
    if (!PyLong_Check(identobj)) {
        PyErr_SetString(PyExc_TypeError, "ident must be an integer");
        return NULL;
    }
    PyThread_ident_t ident = PyLong_AsUnsignedLongLong(identobj);
    if (PyErr_Occurred()) {
        return NULL;
    }
    PyThreadHandleObject *object = _PyThreadHandleObject_New(get_thread_state(module)->thread_handle_type);
    if (object != NULL) {
        object->handle->ident = ident;
        object->handle->state = THREAD_HANDLE_RUNNING;
    }
    return (PyObject *)object;
}

static PyObject *
thread__get_main_thread_ident(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromUnsignedLongLong(_PyRuntime.main_thread);
}

static PyObject *
thread_set_name(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"name", NULL};
    PyObject *name;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:set_name", keywords, &name)) {
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "set_name() argument 'name' must be str, not %s", Py_TYPE(name)->tp_name);
        return NULL;
    }
    const char *encoding = _PyInterpreterState_GET()->unicode.fs_codec.encoding;
    PyObject *bytes = PyUnicode_AsEncodedString(name, encoding, "replace");
    if (bytes == NULL) {
        return NULL;
    }
    char buffer[THREAD_NAME_MAXLEN + 1];
    size_t length = (size_t)PyBytes_GET_SIZE(bytes);
    if (length > THREAD_NAME_MAXLEN) {
        length = THREAD_NAME_MAXLEN;
    }
    memcpy(buffer, PyBytes_AS_STRING(bytes), length);
    buffer[length] = '\0';
    Py_DECREF(bytes);
    int err = pthread_setname_np(pthread_self(), buffer);
    if (err != 0) {
        errno = err;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_RETURN_NONE;
}

static PyObject *
thread__get_name(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    char name[100];
    int err = pthread_getname_np(pthread_self(), name, sizeof(name) - 1);
    if (err != 0) {
        errno = err;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyUnicode_DecodeFSDefault(name);
}

/* -- threading.excepthook ---------------- */

PyDoc_STRVAR(ExceptHookArgs_doc, "ExceptHookArgs\n\nWhat threading.excepthook is called with.");

static PyStructSequence_Field ExceptHookArgs_fields[] = {
    {"exc_type", "Type of the exception"},
    {"exc_value", "The exception"},
    {"exc_traceback", "Its traceback"},
    {"thread", "The thread, or None"},
    {0}
};

static PyStructSequence_Desc ExceptHookArgs_desc = {
    .name = "_thread._ExceptHookArgs",
    .doc = ExceptHookArgs_doc,
    .fields = ExceptHookArgs_fields,
    .n_in_sequence = 4,
};

static int
write_thread_name(PyObject *file, PyObject *thread)
{
    PyObject *name = NULL;
    if (thread != Py_None && PyObject_GetOptionalAttrString(thread, "name", &name) < 0) {
        return -1;
    }
    int result;
    if (name != NULL) {
        result = PyFile_WriteObject(name, file, Py_PRINT_RAW);
        if (result < 0) {
            PyErr_Clear();
            result = PyFile_WriteString("<failed to get thread name>", file);
        }
        Py_DECREF(name);
    }
    else {
        PyObject *text = PyUnicode_FromFormat("%lu", PyThread_get_thread_ident());
        result = text == NULL ? -1 : PyFile_WriteObject(text, file, Py_PRINT_RAW);
        Py_XDECREF(text);
    }
    return result;
}

static int
report_exception(PyObject *file, PyObject *exc_type, PyObject *exc_value, PyObject *exc_tb, PyObject *thread)
{
    if (PyFile_WriteString("Exception in thread ", file) < 0 || write_thread_name(file, thread) < 0
        || PyFile_WriteString(":\n", file) < 0) {
        return -1;
    }
    _PyErr_Display(file, exc_type, exc_value, exc_tb);
    PyObject *result = PyObject_CallMethod(file, "flush", NULL);
    if (result == NULL) {
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

static PyObject *
thread__excepthook(PyObject *module, PyObject *args)
{
    thread_module_state *state = get_thread_state(module);
    if (!Py_IS_TYPE(args, state->excepthook_type)) {
        PyErr_SetString(PyExc_TypeError, "_thread.excepthook argument type must be ExceptHookArgs");
        return NULL;
    }
    PyObject *exc_type = PyStructSequence_GET_ITEM(args, 0);
    if (exc_type == PyExc_SystemExit) {
        Py_RETURN_NONE;
    }
    PyObject *exc_value = PyStructSequence_GET_ITEM(args, 1);
    PyObject *exc_tb = PyStructSequence_GET_ITEM(args, 2);
    PyObject *thread = PyStructSequence_GET_ITEM(args, 3);

    PyObject *file = Py_XNewRef(PySys_GetObject("stderr"));
    if (file == NULL || file == Py_None) {
        Py_CLEAR(file);
        if (thread == Py_None) {
            Py_RETURN_NONE;  // nowhere to write, as in the interactive hook
        }
        /* At shutdown sys.stderr may be gone; the thread has kept it. */
        file = PyObject_GetAttrString(thread, "_stderr");
        if (file == NULL) {
            return NULL;
        }
        if (file == Py_None) {
            Py_DECREF(file);
            Py_RETURN_NONE;
        }
    }
    int result = report_exception(file, exc_type, exc_value, exc_tb, thread);
    Py_DECREF(file);
    if (result < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* -- The module ---------------- */

#define START_SIG "($module, function, args, kwargs={}, /)"
#define START_DOC "Call function(*args, **kwargs) in a new thread; return its identifier."
#define LOCK_DOC "Return a new lock."
#define EXIT_DOC "Raise SystemExit, which ends the thread if nobody catches it."

static PyMethodDef thread_methods[] = {
    PY_METHOD_AS("start_new_thread", thread_start_new_thread, METH_VARARGS, START_SIG, START_DOC),
    PY_METHOD_AS("start_new", thread_start_new_thread, METH_VARARGS, START_SIG, START_DOC),
    PY_METHOD(thread, start_joinable_thread, METH_VARARGS | METH_KEYWORDS,
              "($module, /, function, handle=None, daemon=True)",
              "Call function() in a new thread; return its handle, or the one that was given."),
    PY_METHOD(thread, daemon_threads_allowed, METH_NOARGS, "($module, /)",
              "May this interpreter have daemon threads?"),
    PY_METHOD_AS("allocate_lock", thread_allocate_lock, METH_NOARGS, "($module, /)", LOCK_DOC),
    PY_METHOD_AS("allocate", thread_allocate_lock, METH_NOARGS, "($module, /)", LOCK_DOC),
    PY_METHOD_AS("exit_thread", thread_exit, METH_NOARGS, "($module, /)", EXIT_DOC),
    PY_METHOD_AS("exit", thread_exit, METH_NOARGS, "($module, /)", EXIT_DOC),
    PY_METHOD(thread, interrupt_main, METH_VARARGS, "($module, signum=signal.SIGINT, /)",
              "Act as if the signal had arrived in the main thread."),
    PY_METHOD(thread, get_ident, METH_NOARGS, "($module, /)",
              "Return this thread's identifier: nonzero, and free for another thread after the end of this."),
    PY_METHOD(thread, get_native_id, METH_NOARGS, "($module, /)", "Return the system's number of this thread."),
    PY_METHOD(thread, _count, METH_NOARGS, "($module, /)", "Return the number of threads started here that run."),
    PY_METHOD(thread, stack_size, METH_VARARGS, "($module, size=0, /)",
              "Return the stack size of new threads (0: the system's), after setting it if size is given."),
    PY_METHOD(thread, _excepthook, METH_O, "($module, args, /)", "Report an exception that ended a thread."),
    PY_METHOD(thread, _is_main_interpreter, METH_NOARGS, "($module, /)", "Is this the main interpreter?"),
    PY_METHOD(thread, _shutdown, METH_NOARGS, "($module, /)", "Wait for all threads that are not daemons."),
    PY_METHOD(thread, _make_thread_handle, METH_O, "($module, ident, /)",
              "Make a handle of a thread that was not started by this module."),
    PY_METHOD(thread, _get_main_thread_ident, METH_NOARGS, "($module, /)",
              "Return the main thread's identifier."),
    PY_METHOD(thread, set_name, METH_VARARGS | METH_KEYWORDS, "($module, /, name)",
              "Tell the system this thread's name."),
    PY_METHOD(thread, _get_name, METH_NOARGS, "($module, /)", "Return this thread's name in the system."),
    {0}
};

static PyTypeObject *
add_type(PyObject *module, PyType_Spec *spec, const char *name)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (type != NULL && name != NULL && PyModule_AddObjectRef(module, name, (PyObject *)type) < 0) {
        Py_DECREF(type);
        return NULL;
    }
    return type;
}

static int
thread_exec(PyObject *module)
{
    thread_module_state *state = get_thread_state(module);
    PyThread_init_thread();

    if ((state->thread_handle_type = add_type(module, &_PyThread_handle_spec, "_ThreadHandle")) == NULL
        || (state->lock_type = add_type(module, &_PyThread_lock_spec, "lock")) == NULL
        || PyModule_AddObjectRef(module, "LockType", (PyObject *)state->lock_type) < 0
        || (state->rlock_type = add_type(module, &_PyThread_rlock_spec, "RLock")) == NULL
        || (state->sentinel_type = add_type(module, &_PyThread_sentinel_spec, NULL)) == NULL
        || (state->local_type = add_type(module, &_PyThread_local_spec, "_local")) == NULL
        || PyModule_AddObjectRef(module, "error", PyExc_RuntimeError) < 0) {
        return -1;
    }
    state->excepthook_type = PyStructSequence_NewType(&ExceptHookArgs_desc);
    if (state->excepthook_type == NULL
        || PyModule_AddObjectRef(module, "_ExceptHookArgs", (PyObject *)state->excepthook_type) < 0) {
        return -1;
    }
    /* Whole seconds, rounded towards what is surely possible. */
    double timeout_max = floor((double)PY_TIMEOUT_MAX * 1e-6);
    double time_max = PyTime_AsSecondsDouble(PyTime_MAX);
    if (time_max < timeout_max) {
        timeout_max = floor(time_max);
    }
    if (PyModule_Add(module, "TIMEOUT_MAX", PyFloat_FromDouble(timeout_max)) < 0
        || PyModule_AddIntConstant(module, "_NAME_MAXLEN", THREAD_NAME_MAXLEN) < 0) {
        return -1;
    }
    return 0;
}

static int
thread_traverse(PyObject *module, visitproc visit, void *arg)
{
    thread_module_state *state = get_thread_state(module);
    Py_VISIT(state->excepthook_type);
    Py_VISIT(state->lock_type);
    Py_VISIT(state->rlock_type);
    Py_VISIT(state->local_type);
    Py_VISIT(state->sentinel_type);
    Py_VISIT(state->thread_handle_type);
    return 0;
}

static int
thread_clear(PyObject *module)
{
    thread_module_state *state = get_thread_state(module);
    Py_CLEAR(state->excepthook_type);
    Py_CLEAR(state->lock_type);
    Py_CLEAR(state->rlock_type);
    Py_CLEAR(state->local_type);
    Py_CLEAR(state->sentinel_type);
    Py_CLEAR(state->thread_handle_type);
    return 0;
}

static void
thread_free(void *module)
{
    (void)thread_clear((PyObject *)module);
}

static PyModuleDef_Slot thread_slots[] = {
    {Py_mod_exec, thread_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

struct PyModuleDef _PyThread_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_thread",
    .m_doc = "Threads and locks, on which the threading module stands.",
    .m_size = sizeof(thread_module_state),
    .m_methods = thread_methods,
    .m_slots = thread_slots,
    .m_traverse = thread_traverse,
    .m_clear = thread_clear,
    .m_free = thread_free,
};

PyMODINIT_FUNC
PyInit__thread(void)
{
    return PyModuleDef_Init(&_PyThread_module);
}
