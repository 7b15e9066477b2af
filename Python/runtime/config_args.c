/* The command line: options of the interpreter, and what is left for the program.

   Locking: runs once, before there is a second thread. */
#include "Python.h"
#include "pycore_initconfig.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

static const char usage_line[] =
    "usage: %ls [option] ... [-c cmd | -m mod | file | -] [arg] ...\n";

static const char usage_help[] =
    "Options (and the environment variables that do the same):\n"
    "-b     : warn when bytes or bytearray are converted with str() or compared with str,\n"
    "         or bytes with int (-bb: raise an exception)\n"
    "-B     : write no .pyc files on import; also PYTHONDONTWRITEBYTECODE=x\n"
    "-c cmd : program passed in as a string (ends the list of options)\n"
    "-d     : debug output of the parser; also PYTHONDEBUG=x\n"
    "-E     : ignore PYTHON* environment variables (such as PYTHONPATH)\n"
    "-h     : print this help and exit (also -? or --help)\n"
    "-i     : go on interactively after the script, even when stdin is no terminal;\n"
    "         also PYTHONINSPECT=x\n"
    "-I     : isolate the interpreter from the user's environment (implies -E, -P and -s)\n"
    "-m mod : run a library module as a script (ends the list of options)\n"
    "-O     : remove assert and statements that depend on __debug__; also PYTHONOPTIMIZE=x\n"
    "-OO    : do as -O does and discard docstrings too\n"
    "-P     : put no unsafe path at the head of sys.path; also PYTHONSAFEPATH\n"
    "-q     : print no version and copyright when interactive\n"
    "-s     : leave the user's site folder out of sys.path; also PYTHONNOUSERSITE=x\n"
    "-S     : do not imply 'import site' on start-up\n"
    "-u     : no buffering of stdout and stderr; also PYTHONUNBUFFERED=x\n"
    "-v     : tell each import (-vv tells more); also PYTHONVERBOSE=x\n"
    "-V     : print the version and exit (also --version; -VV tells more)\n"
    "-W arg : control of warnings, as action:message:category:module:lineno;\n"
    "         also PYTHONWARNINGS=arg\n"
    "-x     : skip the first line of the source\n"
    "-X opt : set an implementation-specific option\n"
    "--check-hash-based-pycs always|default|never:\n"
    "         how hash-based .pyc files are checked\n"
    "--help-env: tell about the environment variables and exit\n"
    "--help-xoptions: tell about the -X options and exit\n"
    "--help-all: tell all of this and exit\n"
    "\n"
    "Arguments:\n"
    "file   : program read from a file\n"
    "-      : program read from stdin (the default; interactive on a terminal)\n"
    "arg ...: arguments for the program in sys.argv[1:]\n";

static const char usage_xoptions[] =
    "-X options:\n"
    "-X context_aware_warnings=[0|1]: the warnings filters follow the context\n"
    "-X cpu_count=N: what os.cpu_count() returns; also PYTHON_CPU_COUNT\n"
    "-X dev : development mode; also PYTHONDEVMODE\n"
    "-X disable-remote-debug: no remote debugging; also PYTHON_DISABLE_REMOTE_DEBUG\n"
    "-X faulthandler: dump the traceback on fatal errors; also PYTHONFAULTHANDLER\n"
    "-X frozen_modules=[on|off]: whether frozen modules are used; also PYTHON_FROZEN_MODULES\n"
    "-X gil=[0|1]: switch the global lock off or on; also PYTHON_GIL\n"
    "-X importtime[=2]: tell the time each import takes; also PYTHONPROFILEIMPORTTIME\n"
    "-X int_max_str_digits=N: limit of the conversion between int and str; 0 is none;\n"
    "         also PYTHONINTMAXSTRDIGITS\n"
    "-X no_debug_ranges: no column positions in code objects; also PYTHONNODEBUGRANGES\n"
    "-X pycache_prefix=DIR: write .pyc files below DIR; also PYTHONPYCACHEPREFIX\n"
    "-X thread_inherit_context=[0|1]: threads start in a copy of the starter's context\n"
    "-X tracemalloc[=N]: trace allocations, N frames deep; also PYTHONTRACEMALLOC\n"
    "-X utf8[=0|1]: UTF-8 mode; also PYTHONUTF8\n"
    "-X warn_default_encoding: EncodingWarning for a default 'encoding=None'\n";

static const char usage_environment[] =
    "Environment variables that change behaviour:\n"
    "PYTHONASYNCIODEBUG: asyncio's debug mode\n"
    "PYTHON_BASIC_REPL: use the plain interactive loop\n"
    "PYTHONBREAKPOINT: 0 makes breakpoint() do nothing; else what it calls\n"
    "PYTHONCASEOK: ignore case in import statements (where the system does)\n"
    "PYTHONCOERCECLOCALE: 0 leaves the C locale alone; 'warn' tells about it\n"
    "PYTHONEXECUTABLE: overrides sys.argv[0] on macOS\n"
    "PYTHONHASHSEED: 'random' or a number from 0 to 4294967295\n"
    "PYTHONHOME: where the library is (prefix[:exec_prefix])\n"
    "PYTHONIOENCODING: encoding[:errors] of the standard streams\n"
    "PYTHONMALLOC: the memory allocator\n"
    "PYTHONPATH: folders put before the default module search path\n"
    "PYTHONPLATLIBDIR: overrides sys.platlibdir\n"
    "PYTHONSTARTUP: file run when an interactive session starts\n"
    "PYTHONUSERBASE: base of the user's site-packages\n";

#define LONG_OPTION_BASE 256
enum { OPTION_CHECK_PYCS = LONG_OPTION_BASE, OPTION_HELP_ALL, OPTION_HELP_ENV, OPTION_HELP_XOPTIONS };

struct option_state {
    const PyWideStringList *argv;
    Py_ssize_t index;           /* of the next argument */
    const wchar_t *rest;        /* further letters of a bundle */
    const wchar_t *argument;    /* of an option that takes one */
    int error;
};

static int
long_option(struct option_state *state, const wchar_t *name)
{
    static const struct { const wchar_t *name; int value; int takes_argument; } rows[] = {
        {L"check-hash-based-pycs", OPTION_CHECK_PYCS, 1}, {L"help-all", OPTION_HELP_ALL, 0},
        {L"help-env", OPTION_HELP_ENV, 0}, {L"help-xoptions", OPTION_HELP_XOPTIONS, 0},
        {L"help", 'h', 0}, {L"version", 'V', 0},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(rows); i++) {
        if (wcscmp(rows[i].name, name) != 0) {
            continue;
        }
        if (rows[i].takes_argument) {
            if (state->index >= state->argv->length) {
                fprintf(stderr, "Argument expected for the --%ls option\n", name);
                state->error = 1;
                return '?';
            }
            state->argument = state->argv->items[state->index++];
        }
        return rows[i].value;
    }
    fprintf(stderr, "Unknown option: --%ls\n", name);
    state->error = 1;
    return '?';
}

/* The next option, or -1 when the options are over. */
static int
next_option(struct option_state *state)
{
    static const wchar_t letters[] = L"bBc:dEhiIJm:OPqRsStuvVW:xX:?";

    if (state->rest == NULL || *state->rest == 0) {
        if (state->index >= state->argv->length) {
            return -1;
        }
        const wchar_t *word = state->argv->items[state->index];
        if (word[0] != L'-' || word[1] == 0) {
            return -1;
        }
        state->index++;
        if (wcscmp(word, L"--") == 0) {
            return -1;
        }
        if (word[1] == L'-') {
            return long_option(state, word + 2);
        }
        state->rest = word + 1;
    }
    wchar_t letter = *state->rest++;
    const wchar_t *found = letter == L':' ? NULL : wcschr(letters, letter);
    if (found == NULL || letter == L'J') {
        if (letter == L'J') {
            fprintf(stderr, "-J is reserved for Jython\n");
        }
        else {
            fprintf(stderr, "Unknown option: -%lc\n", (wint_t)letter);
        }
        state->error = 1;
        return '?';
    }
    if (found[1] == L':') {
        if (*state->rest != 0) {
            state->argument = state->rest;
            state->rest = NULL;
        }
        else if (state->index >= state->argv->length) {
            fprintf(stderr, "Argument expected for the -%lc option\n", (wint_t)letter);
            state->error = 1;
            return '?';
        }
        else {
            state->argument = state->argv->items[state->index++];
        }
    }
    return (int)letter;
}

static PyStatus
set_command(PyConfig *config, const wchar_t *text)
{
    size_t length = wcslen(text);
    wchar_t *command = PyMem_RawMalloc((length + 2) * sizeof(wchar_t));
    if (command == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    memcpy(command, text, length * sizeof(wchar_t));
    command[length] = L'\n';
    command[length + 1] = 0;
    PyMem_RawFree(config->run_command);
    config->run_command = command;
    return _PyStatus_OK();
}

static PyStatus
apply_option(PyConfig *config, int option, const wchar_t *argument, PyWideStringList *warnoptions)
{
    switch (option) {
    case 'b': config->bytes_warning++; break;
    case 'B': config->write_bytecode = 0; break;
    case 'd': config->parser_debug++; break;
    case 'E': config->use_environment = 0; break;
    case 'i': config->inspect++; config->interactive++; break;
    case 'I':
        config->isolated = 1;
        config->use_environment = 0;
        config->user_site_directory = 0;
        config->safe_path = 1;
        break;
    case 'O': config->optimization_level++; break;
    case 'P': config->safe_path = 1; break;
    case 'q': config->quiet++; break;
    case 'R': break;
    case 's': config->user_site_directory = 0; break;
    case 'S': config->site_import = 0; break;
    case 't': break;
    case 'u': config->buffered_stdio = 0; break;
    case 'v': config->verbose++; break;
    case 'x': config->skip_source_first_line = 1; break;
    case 'W': return PyWideStringList_Append(warnoptions, argument);
    case 'X': return PyWideStringList_Append(&config->xoptions, argument);
    case OPTION_CHECK_PYCS:
        if (wcscmp(argument, L"always") != 0 && wcscmp(argument, L"never") != 0 &&
            wcscmp(argument, L"default") != 0) {
            fprintf(stderr, "--check-hash-based-pycs must be one of 'default', 'always', or 'never'\n");
            return _PyStatus_EXIT(2);
        }
        return PyConfig_SetString(config, &config->check_hash_pycs_mode, argument);
    default: break;
    }
    return _PyStatus_OK();
}

static PyStatus
print_help(const wchar_t *program, int which)
{
    if (which == 'h' || which == OPTION_HELP_ALL) {
        printf(usage_line, program);
        fputs(usage_help, stdout);
    }
    if (which == OPTION_HELP_ENV || which == OPTION_HELP_ALL) {
        fputs(usage_environment, stdout);
    }
    if (which == OPTION_HELP_XOPTIONS || which == OPTION_HELP_ALL) {
        fputs(usage_xoptions, stdout);
    }
    return _PyStatus_EXIT(0);
}

/* What remains of argv: "-c", "-m" or the script's name first, as sys.argv has it. */
static PyStatus
keep_program_arguments(PyConfig *config, Py_ssize_t index)
{
    PyWideStringList rest = {0, NULL};
    PyStatus status = _PyStatus_OK();
    if (config->run_command != NULL) {
        status = PyWideStringList_Append(&rest, L"-c");
    }
    else if (config->run_module != NULL) {
        status = PyWideStringList_Append(&rest, L"-m");
    }
    for (Py_ssize_t i = index; i < config->argv.length && !_PyStatus_EXCEPTION(status); i++) {
        status = PyWideStringList_Append(&rest, config->argv.items[i]);
    }
    if (!_PyStatus_EXCEPTION(status) && rest.length == 0) {
        status = PyWideStringList_Append(&rest, L"");
    }
    if (_PyStatus_EXCEPTION(status)) {
        _PyWideStringList_Clear(&rest);
        return status;
    }
    _PyWideStringList_Clear(&config->argv);
    config->argv = rest;
    return status;
}

PyStatus
_PyConfig_ParseArguments(PyConfig *config, PyWideStringList *warnoptions, int *show_help)
{
    PyStatus status = _PyStatus_OK();
    if (config->program_name == NULL) {
        const wchar_t *name = config->argv.length > 0 && config->argv.items[0][0] != 0
                                  ? config->argv.items[0] : L"python3";
        status = PyConfig_SetString(config, &config->program_name, name);
        if (_PyStatus_EXCEPTION(status)) {
            return status;
        }
    }
    if (config->parse_argv != 1 || config->argv.length == 0) {
        return status;
    }
    const wchar_t *program = config->program_name;
    struct option_state state = {&config->argv, 1, NULL, NULL, 0};
    int version = 0, option, help = 0;
    while ((option = next_option(&state)) != -1) {
        if (state.error) {
            fprintf(stderr, usage_line, program);
            fputs("Try `python -h' for more information.\n", stderr);
            return _PyStatus_EXIT(2);
        }
        if (option == 'c') {
            if (config->run_command == NULL) {
                status = set_command(config, state.argument);
            }
            break;
        }
        if (option == 'm') {
            if (config->run_module == NULL) {
                status = PyConfig_SetString(config, &config->run_module, state.argument);
            }
            break;
        }
        if (option == 'h' || option == '?' || option >= OPTION_HELP_ALL) {
            help = option == '?' ? 'h' : option;
            continue;
        }
        if (option == 'V') {
            version++;
            continue;
        }
        status = apply_option(config, option, state.argument, warnoptions);
        if (_PyStatus_EXCEPTION(status)) {
            return status;
        }
    }
    if (_PyStatus_EXCEPTION(status)) {
        return status;
    }
    if (help) {
        *show_help = 1;
        return print_help(program, help);
    }
    if (version) {
        printf("Python %s\n", version >= 2 ? Py_GetVersion() : PY_VERSION);
        return _PyStatus_EXIT(0);
    }
    if (config->run_command == NULL && config->run_module == NULL && config->run_filename == NULL &&
        state.index < config->argv.length && wcscmp(config->argv.items[state.index], L"-") != 0) {
        status = PyConfig_SetString(config, &config->run_filename, config->argv.items[state.index]);
        if (_PyStatus_EXCEPTION(status)) {
            return status;
        }
    }
    config->parse_argv = 2;     /* parsed: a second reading must not do it again */
    return keep_program_arguments(config, state.index);
}
