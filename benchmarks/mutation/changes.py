"""Every small wrong version of a module: one changed operator, bound, constant or result each.

Left alone: annotations, docstrings, texts (but for the keys of dictionaries), and what only a type
checker reads. A change is named by function and words, not by line, so that its name stays the
same when the file grows.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_NAMES = {
    "min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum",
    "maximum": "minimum", "floor": "ceil", "ceil": "floor", "first": "last", "last": "first",
}  # fmt: skip
_FORMAL = {"Literal", "Annotated", "TypeVar", "Field", "cast"}


@dataclass(frozen=True, slots=True)
class Change:
    """One wrong version of a module.

    Attributes:
        name: ``function: before → after``; numbered where a function holds the same twice.
        line: Where it was changed, from 1.
        statement: First and last line of the statement (of its head, if it has a body).
        is_of_import: Whether the change shows when the module is imported, not when it is called.
        tree: The changed module.
    """

    name: str
    line: int
    statement: tuple[int, int]
    is_of_import: bool
    tree: ast.Module


@dataclass(frozen=True, slots=True)
class _Edit:
    function: str
    old: ast.expr | ast.stmt
    new: ast.expr | ast.stmt


def changes_of(source: str) -> Iterator[Change]:
    """Yield every wrong version of a module, from its top to its end."""
    tree = ast.parse(source)
    heads = [_head(node) for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    seen: dict[str, int] = {}
    for edit in _edits(tree):
        name = f"{edit.function}: {_text(edit.old)} → {_text(edit.new)}"
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name += f" ({seen[name]})"
        changed = copy.deepcopy(tree, {id(edit.old): edit.new})
        line = edit.old.lineno
        yield Change(
            name=name,
            line=line,
            statement=max(head for head in heads if head[0] <= line <= head[1]),
            is_of_import=not edit.function.endswith("()"),
            tree=ast.fix_missing_locations(changed),
        )


def _head(node: ast.stmt) -> tuple[int, int]:
    body = getattr(node, "body", None)
    last = max(node.lineno, body[0].lineno - 1) if body else (node.end_lineno or node.lineno)
    return node.lineno, last


def _text(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:87]}…"  # noqa: PLR2004 - width of a result line


def _edits(tree: ast.Module) -> Iterator[_Edit]:
    for statement in tree.body:
        yield from _of_statement(statement, "module")


def _of_statement(node: ast.stmt, function: str) -> Iterator[_Edit]:
    match node:
        case ast.Import() | ast.ImportFrom():
            return
        case ast.FunctionDef() | ast.ClassDef():
            inside = node.name if function == "module" else f"{function}.{node.name}"
            for default in _defaults(node):
                yield from _of_expression(default, inside)
            called = f"{inside}()" if isinstance(node, ast.FunctionDef) else inside
            for statement in node.body:
                yield from _of_statement(statement, called)
            return
        case ast.AnnAssign():
            if node.value is not None:
                yield from _of_expression(node.value, function)
            return
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield _Edit(function, node, ast.copy_location(ast.Return(ast.Constant(None)), node))
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield from _of_statement(child, function)
        elif isinstance(child, ast.expr):
            yield from _of_expression(child, function)
        else:
            yield from _of_part(child, function)


def _of_part(node: ast.AST, function: str) -> Iterator[_Edit]:
    """Look into what is neither statement nor expression: handlers, cases, ``with`` items."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield from _of_statement(child, function)
        elif isinstance(child, ast.expr):
            yield from _of_expression(child, function)
        elif not isinstance(child, ast.pattern):
            yield from _of_part(child, function)


def _defaults(node: ast.FunctionDef | ast.ClassDef) -> Iterator[ast.expr]:
    if isinstance(node, ast.FunctionDef):
        yield from node.args.defaults
        yield from (default for default in node.args.kw_defaults if default is not None)


def _of_expression(node: ast.expr, function: str) -> Iterator[_Edit]:
    for new in _versions(node):
        yield _Edit(function, node, ast.copy_location(new, node))
    if isinstance(node, ast.Call) and _called(node) in _FORMAL:
        return
    if isinstance(node, ast.Subscript) and _called(node) in _FORMAL:
        return
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from _of_expression(child, function)
        else:
            yield from _of_part(child, function)


def _called(node: ast.Call | ast.Subscript) -> str:
    target = node.func if isinstance(node, ast.Call) else node.value
    return target.id if isinstance(target, ast.Name) else ""


def _versions(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare():
            yield from _compared(node)
        case ast.BinOp(op=op) if type(op) in _ARITHMETIC and not _is_text(node):
            yield ast.BinOp(node.left, _ARITHMETIC[type(op)](), node.right)
        case ast.BoolOp(op=ast.And()):
            yield ast.BoolOp(ast.Or(), node.values)
        case ast.BoolOp(op=ast.Or()):
            yield ast.BoolOp(ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()):
            yield node.operand
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.IfExp():
            yield ast.IfExp(node.test, node.orelse, node.body)
        case ast.Dict():
            yield from _rekeyed(node)
        case ast.Call(func=ast.Name(id=name)) if name in _NAMES:
            yield ast.Call(ast.Name(_NAMES[name], ast.Load()), node.args, node.keywords)
        case ast.Call(func=ast.Attribute(attr=name) as target) if name in _NAMES:
            other = ast.Attribute(target.value, _NAMES[name], ast.Load())
            yield ast.Call(other, node.args, node.keywords)


def _compared(node: ast.Compare) -> Iterator[ast.Compare]:
    for place, op in enumerate(node.ops):
        for other in _COMPARISONS[type(op)]:
            ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)


def _rekeyed(node: ast.Dict) -> Iterator[ast.Dict]:
    for place, key in enumerate(node.keys):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            other = ast.copy_location(ast.Constant(f"{key.value}_"), key)
            yield ast.Dict([*node.keys[:place], other, *node.keys[place + 1 :]], node.values)


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _is_text(node: ast.BinOp) -> bool:
    sides = (node.left, node.right)
    return any(
        isinstance(side, ast.JoinedStr)
        or (isinstance(side, ast.Constant) and isinstance(side.value, str | type(None)))
        for side in sides
    )
