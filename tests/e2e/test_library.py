"""The library as hosts have it: what it shows, beside what it is linked, and the installed tree
alone, without the sources that it was made of."""
import os
import re
import shutil
import subprocess
import tempfile

from lib import DRYDIAL, ROOT, left_out, main, test

BUILD = os.path.dirname(os.path.abspath(DRYDIAL))
VARIANT = os.path.basename(BUILD)
SANITIZE = ["-fsanitize=address,undefined"] if VARIANT == "san" else []
COVER = ["--coverage"] if VARIANT == "cover" else []
SAID = [
    "     0 ms  3.0 s  Hello Rahul, your appointment is tomorrow at 3 PM.",
    "Press 1 to confirm, or press 2 to reschedule.",
    "We will call you.",
    "ended by flow",
]


def done(*command, cwd=ROOT, **env):
    full = dict(os.environ, **env)
    full.pop("MAKEFLAGS", None)
    got = subprocess.run(command, cwd=cwd, env=full, capture_output=True, text=True)
    assert got.returncode == 0, f"{command}\n{got.stdout}{got.stderr}"
    return got.stdout


def declared():
    """What the headers show: the functions behind DD_API."""
    names = set()
    for header in os.listdir(f"{ROOT}/include/drydial"):
        text = open(f"{ROOT}/include/drydial/{header}").read()
        for statement in re.findall(r"^DD_API\s+([^;{]*);", text, re.M):
            names.add(re.search(r"\b(dd_\w+)\(", statement).group(1))
    return names


def shown(path, *options):
    lines = done("nm", "--defined-only", *options, path).splitlines()
    found = {line.split()[-1] for line in lines if len(line.split()) == 3}
    return {n for n in found if not re.match(r"_|llvm|mangle|fix|ODR", n)}


@test
def it_shows_what_its_headers_declare_and_nothing_else():
    names = declared()
    assert len(names) > 100, names
    assert shown(f"{BUILD}/libdrydial.so", "-D") == names
    assert shown(f"{BUILD}/libdrydial.a", "-g") == names
    soname = done("readelf", "-d", f"{BUILD}/libdrydial.so")
    assert "[libdrydial.so.0]" in soname, soname


@test
def every_function_is_explained():
    """A declaration stands below a comment, or in a row of declarations that does."""
    for header in os.listdir(f"{ROOT}/include/drydial"):
        text = open(f"{ROOT}/include/drydial/{header}").read()
        for paragraph in text.split("\n\n"):
            if "DD_API " in paragraph and "__attribute__((visibility" not in paragraph:
                assert "/*" in paragraph.split("DD_API ")[0], f"{header}:\n{paragraph}"


def install(folder):
    """What `make install` writes, below `folder`; make finds all built."""
    done(
        "make",
        "--silent",
        "--no-print-directory",
        f"V={VARIANT}",
        "install",
        f"DESTDIR={folder}",
        "PREFIX=/opt/drydial",
    )
    return f"{folder}/opt/drydial"


def pkg_config(folder, *options):
    env = {
        "PKG_CONFIG_LIBDIR": f"{folder}/opt/drydial/lib/pkgconfig",
        "PKG_CONFIG_SYSROOT_DIR": folder,
        "PKG_CONFIG_PATH": "",
    }
    return done("pkg-config", *options, "drydial", **env).split()


def everybody_s_names(folder):
    """An object that has every name of the inside for itself, emit, play and stop among them."""
    ours = shown(f"{BUILD}/inside.a", "-g") - declared()
    assert {"emit", "play", "stop", "go_to", "set_value"} <= ours, len(ours)
    with open(f"{folder}/names.s", "w") as out:
        out.write('.section .note.GNU-stack,"",@progbits\n.data\n')
        for name in sorted(ours):
            out.write(f".globl {name}\n{name}: .long 0\n")
    done("cc", "-c", "names.s", "-o", "names.o", cwd=folder)
    return f"{folder}/names.o"


def says(*command, cwd, **env):
    out = done(*command, cwd=cwd, **env)
    for words in SAID:
        assert words in out, out


@test
def the_examples_run_against_the_installed_tree_alone():
    with tempfile.TemporaryDirectory() as folder:
        tree = install(folder)
        for file in ("embed.c", "embed.py"):
            shutil.copy(f"{ROOT}/examples/{file}", folder)
        flags = pkg_config(folder, "--cflags", "--libs")
        assert [f for f in flags if f.startswith("-l")] == ["-ldrydial"], flags
        version = pkg_config(folder, "--modversion")[0]
        assert re.search(rf"^VERSION +:= {version}$", open(f"{ROOT}/Makefile").read(), re.M)
        lib = {"LD_LIBRARY_PATH": f"{tree}/lib"}
        cc = ["cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *SANITIZE, *COVER]
        done(*cc, "embed.c", *flags, "-o", "shared", cwd=folder)
        says("./shared", cwd=folder, **lib)
        if not SANITIZE:
            says("python3", "embed.py", cwd=folder, **lib)
            says("python3", "embed.py", f"{tree}/lib/libdrydial.so.0", cwd=folder)
        # beside a program that has all our inner names for itself, linked either way
        names = everybody_s_names(folder)
        done(*cc, "embed.c", names, *flags, "-o", "shared", cwd=folder)
        says("./shared", cwd=folder, **lib)
        static = [
            "-l:libdrydial.a" if f == "-ldrydial" else f
            for f in pkg_config(folder, "--cflags", "--libs", "--static")
        ]
        done(*cc, "embed.c", names, *static, "-o", "static", cwd=folder)
        says("./static", cwd=folder)
        # each header is complete alone, for C++ as well
        for header in sorted(os.listdir(f"{tree}/include/drydial")):
            with open(f"{folder}/one.c", "w") as out:
                out.write(f"#include <drydial/{header}>\nint nothing;\n")
            include = [f for f in flags if f.startswith("-I")]
            done(*cc, "-c", "one.c", *include, "-o", "one.o", cwd=folder)
            if shutil.which("g++"):
                done("g++", "-x", "c++", "-c", "one.c", *include, "-o", "one.o", cwd=folder)


@test
def a_break_of_the_abi_is_refused():
    if VARIANT != "release":
        return
    if not shutil.which("abidiff"):
        left_out("the ABI was not looked at: abidiff (abigail-tools) is not there")
        return
    library, abi = f"{BUILD}/libdrydial.so", f"{ROOT}/abi/libdrydial.0.abi"
    command = [f"{ROOT}/tools/check-abi", library]
    done(*command, abi)
    text = open(abi).read()
    planted = {
        "a function that is gone": text.replace("dd_run_key'", "dd_run_kex'"),
        "a struct that has grown": re.sub(
            r"(class-decl name='dd_piece' size-in-bits=)'\d+'", r"\1'64'", text
        ),
    }
    with tempfile.TemporaryDirectory() as folder:
        for what, changed in planted.items():
            assert changed != text, what
            with open(f"{folder}/planted.abi", "w") as out:
                out.write(changed)
            got = subprocess.run(
                [*command, f"{folder}/planted.abi"], capture_output=True, text=True
            )
            assert got.returncode == 2, (what, got.stdout)
            assert "no longer" in got.stdout and "CONTRIBUTING.md" in got.stdout, got.stdout
        # what is new breaks nobody: of what was declared less is known
        less = re.sub(r".*elf-symbol name='dd_run_goal'.*\n", "", text)
        less = re.sub(
            r" *<function-decl name='dd_run_goal'.*?</function-decl>\n", "", less, flags=re.S
        )
        with open(f"{folder}/less.abi", "w") as out:
            out.write(less)
        assert less != text
        done(*command, f"{folder}/less.abi")


if __name__ == "__main__":
    main()
