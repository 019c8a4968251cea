// SPDX-License-Identifier: Apache-2.0
//
// Choosing a unit: a button with its name opens the tree, which is searched while typing. Arrow keys walk through it, right
// and left open and close a branch, Enter takes the unit.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { say } from "../language";
import { ancestors, matches, searchWords, visible, type Node, type Tree } from "../tree";
import { Dialog } from "./dialog";

const SHOWN_MAX = 200;

interface Picking {
    tree: Tree;
    chosen: string;
    choose: (unit: string) => void;
}

export function UnitPicker(props: Picking) {
    const [open, setOpen] = useState(false);
    const node = props.tree.byId.get(props.chosen);
    return (
        <div class="field grow">
            <span class="label" id="unit-label">
                {say("Đơn vị", "Unit")}
            </span>
            <button
                type="button"
                class="chooser"
                aria-haspopup="dialog"
                aria-labelledby="unit-label unit-value"
                onClick={() => setOpen(true)}
            >
                <span id="unit-value">{node ? node.unit.name : props.chosen}</span>
            </button>
            {open && (
                <Dialog title={say("Chọn đơn vị", "Choose a unit")} class="picker" close={() => setOpen(false)}>
                    <TreeSearch
                        {...props}
                        choose={(unit) => {
                            setOpen(false);
                            props.choose(unit);
                        }}
                    />
                </Dialog>
            )}
        </div>
    );
}

function found(tree: Tree, text: string): Node[] {
    const words = searchWords(text);
    return [...tree.byId.values()].filter((node) => matches(node.unit, words));
}

function TreeSearch({ tree, chosen, choose }: Picking) {
    const [text, setText] = useState("");
    const [branches, setBranches] = useState(
        () => new Set([...tree.roots.slice(0, 1).map((root) => root.unit.unit), ...ancestors(tree, chosen)]),
    );
    const [active, setActive] = useState(chosen);
    const list = useRef<HTMLUListElement>(null);
    const searching = text.trim() !== "";
    const all = useMemo(
        () => (searching ? found(tree, text) : visible(tree.roots, branches)),
        [tree, text, branches, searching],
    );
    const nodes = all.slice(0, SHOWN_MAX);
    const at = Math.max(
        0,
        nodes.findIndex((node) => node.unit.unit === active),
    );
    useEffect(() => {
        list.current?.querySelector(".active")?.scrollIntoView({ block: "nearest" });
    }, [at, nodes]);

    const setBranch = (unit: string, isOpen: boolean) => {
        const next = new Set(branches);
        if (isOpen) {
            next.add(unit);
        } else {
            next.delete(unit);
        }
        setBranches(next);
    };
    const onKey = (event: KeyboardEvent) => {
        const node = nodes[at];
        const move = (step: number) =>
            setActive(nodes[Math.min(nodes.length - 1, Math.max(0, at + step))]?.unit.unit ?? "");
        const keys: Record<string, () => void> = {
            ArrowDown: () => move(1),
            ArrowUp: () => move(-1),
            PageDown: () => move(10),
            PageUp: () => move(-10),
            Enter: () => node && choose(node.unit.unit),
        };
        if (!searching && node) {
            keys.ArrowRight = () => setBranch(node.unit.unit, true);
            keys.ArrowLeft = () =>
                branches.has(node.unit.unit) && node.children.length > 0
                    ? setBranch(node.unit.unit, false)
                    : node.unit.parent !== "" && setActive(node.unit.parent);
        }
        const act = keys[event.key];
        if (act) {
            event.preventDefault();
            act();
        }
    };
    return (
        <>
            <input
                type="search"
                class="wide"
                role="combobox"
                aria-expanded="true"
                aria-controls="unit-tree"
                aria-haspopup="tree"
                aria-activedescendant={nodes[at] ? `unit-${at}` : undefined}
                aria-label={say("Tìm đơn vị theo tên hoặc mã", "Find a unit by name or code")}
                placeholder={say("Tên hoặc mã, không cần dấu: cam xuyen", "Name or code: cam xuyen")}
                autofocus
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
                onKeyDown={onKey}
            />
            <ul id="unit-tree" class="tree" role="tree" aria-label={say("Đơn vị", "Units")} ref={list}>
                {nodes.map((node, index) => (
                    <TreeItem
                        key={node.unit.unit}
                        node={node}
                        index={index}
                        active={index === at}
                        chosen={node.unit.unit === chosen}
                        flat={searching}
                        open={branches.has(node.unit.unit)}
                        above={searching ? tree.byId.get(node.unit.parent) : undefined}
                        toggle={() => setBranch(node.unit.unit, !branches.has(node.unit.unit))}
                        choose={() => choose(node.unit.unit)}
                    />
                ))}
            </ul>
            <p class="hint" role="status">
                {nodes.length === 0
                    ? say("Không có đơn vị nào như vậy.", "There is no such unit.")
                    : all.length > nodes.length
                      ? say(
                            `Còn ${all.length - nodes.length} đơn vị nữa; gõ thêm để thu hẹp.`,
                            `${all.length - nodes.length} more; type on to narrow it down.`,
                        )
                      : say(
                            "↑ ↓ để chọn, → ← để mở, đóng nhánh, Enter để lấy.",
                            "↑ ↓ to move, → ← to open and close, Enter to take.",
                        )}
            </p>
        </>
    );
}

function TreeItem(props: {
    node: Node;
    index: number;
    active: boolean;
    chosen: boolean;
    flat: boolean;
    open: boolean;
    above: Node | undefined;
    toggle: () => void;
    choose: () => void;
}) {
    const { node, flat } = props;
    const branch = !flat && node.children.length > 0;
    return (
        <li
            id={`unit-${props.index}`}
            role="treeitem"
            class={`depth-${flat ? 0 : Math.min(node.depth, 5)}${props.active ? " active" : ""}`}
            aria-level={flat ? 1 : node.depth + 1}
            aria-selected={props.chosen}
            aria-expanded={branch ? props.open : undefined}
            onClick={props.choose}
        >
            {branch ? (
                <span
                    class="twist"
                    aria-hidden="true"
                    onClick={(event) => {
                        event.stopPropagation();
                        props.toggle();
                    }}
                >
                    {props.open ? "▾" : "▸"}
                </span>
            ) : (
                <span class="twist" aria-hidden="true" />
            )}
            <span class="name">{node.unit.name}</span>
            <span class="code">{props.above ? `${props.above.unit.name} · ${node.unit.unit}` : node.unit.unit}</span>
        </li>
    );
}
