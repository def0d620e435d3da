"""docs/openapi.json says what drydial serve answers: no route is missing, none is made up."""
import json
import os
import re
import subprocess

from lib import IF_HERE, left_out, main, ROOT, test

with open(os.path.join(ROOT, "docs/openapi.json"), encoding="utf-8") as file:
    OPENAPI = json.load(file)


def served():
    """Each method with its path; those that answer in XML have a twin in JSON."""
    with open(os.path.join(ROOT, "src/serve/serving.h"), encoding="utf-8") as header:
        routes = re.findall(r'ROUTE\("(\w+)", "([^"]+)", (\w+), \w+\)', header.read())
    assert len(routes) > 50
    for method, path, shape in routes:
        yield method, path
        if shape == "ASK_XML":
            yield method, path + ".json"


@test
def the_openapi_file_has_every_route_and_no_other():
    told = {
        (method.upper(), re.sub(r"\{\w+\}", "*", path))
        for path, methods in OPENAPI["paths"].items()
        for method in methods
    }
    assert told == set(served()), told ^ set(served())
    operations = [o for methods in OPENAPI["paths"].values() for o in methods.values()]
    ids = [o["operationId"] for o in operations]
    assert len(ids) == len(set(ids))
    for path, methods in OPENAPI["paths"].items():
        names = re.findall(r"\{(\w+)\}", path)
        assert len(names) == len(set(names)), path
        for operation in methods.values():
            own = [p["name"] for p in operation.get("parameters", []) if p["in"] == "path"]
            assert own == names, (path, own)


@test
def the_openapi_file_has_the_fields_that_are_taken():
    """Those of calls and messages, from the tables and functions that take them."""
    for file, path in (("calls", "Calls/connect"), ("sms", "Sms/send")):
        with open(os.path.join(ROOT, f"src/serve/{file}.c"), encoding="utf-8") as source:
            text = source.read()
        taken = set(re.findall(r'\{"([A-Z]\w+)", (?:A_TEXT|SECONDS|ANY)', text))
        taken |= set(re.findall(r'(?:api_value|one_of_words)\(a, "([A-Z]\w+)"', text))
        operation = OPENAPI["paths"][f"/v1/Accounts/{{account}}/{path}"]["post"]
        forms = operation["requestBody"]["content"]
        told = {
            re.sub(r"\[.*", "", name)
            for form in forms.values()
            for name in form["schema"]["properties"]
        }
        assert taken - told <= {"StreamUrl"} and told - taken <= {"StatusCallbackEvents"}, (
            taken ^ told
        )


@test
def a_public_tool_reads_the_openapi_file():
    done = subprocess.run(
        [os.path.join(ROOT, "tools/check-openapi"), *IF_HERE], capture_output=True, text=True
    )
    if done.returncode == 77:
        left_out(done.stdout.strip())
        return
    assert done.returncode == 0 and "no complaint" in done.stdout, done.stdout + done.stderr


if __name__ == "__main__":
    main()
