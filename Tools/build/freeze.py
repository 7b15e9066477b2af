"""Freeze start-up modules: compile them and write their marshalled code as C.

    bootstrap_python freeze.py STDLIB LIST OUTPUT

LIST has one module a line: the frozen name, and the library file where it has another name.
"""
import marshal
import sys


def source_of(library, name):
    path = library + "/" + name.replace(".", "/")
    for candidate, package in ((path + ".py", 0), (path + "/__init__.py", 1)):
        try:
            with open(candidate, "rb") as file:
                return file.read(), package
        except OSError:
            pass
    raise SystemExit(f"freeze: no module {name} in {library}")


def main(library, listing, output):
    rows = []
    with open(output + ".new", "w") as out:
        out.write('/* Made by Tools/build/freeze.py. */\n#include "Python.h"\n#include "pycore_import.h"\n')
        with open(listing) as file:
            lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
        for number, words in enumerate(lines):
            name, origin = words[0], words[-1]
            source, package = source_of(library, origin)
            code = compile(source, f"<frozen {origin}>", "exec", dont_inherit=True, optimize=0)
            data = marshal.dumps(code)
            out.write(f"static const unsigned char data_{number}[] = {{")
            for start in range(0, len(data), 32):
                out.write("\n" + ",".join(map(str, data[start:start + 32])) + ",")
            out.write("};\n")
            rows.append(f'    {{"{name}", data_{number}, (int)sizeof data_{number}, {package}}},\n')
        out.write("static const struct _frozen rows[] = {\n")
        out.writelines(rows)
        out.write("    {NULL, NULL, 0, 0},\n};\nconst struct _frozen *_PyImport_FrozenBootstrap = rows;\n")
    import posix
    posix.rename(output + ".new", output)


main(*sys.argv[1:])
