// SPDX-License-Identifier: Apache-2.0
//
// A modal window: the browser keeps the focus in it, Escape closes it, and the focus returns to where it was.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { say } from "../language";

export function Dialog(props: { title: string; close: () => void; class?: string; children: ComponentChildren }) {
    const box = useRef<HTMLDialogElement>(null);
    useEffect(() => {
        const before = document.activeElement as HTMLElement | null;
        const dialog = box.current;
        dialog?.showModal();
        return () => {
            dialog?.close(); // what is outside of an open one cannot have the focus
            before?.focus?.();
        };
    }, []);
    return (
        <dialog
            ref={box}
            class={props.class ?? ""}
            aria-label={props.title}
            onCancel={(event) => {
                event.preventDefault();
                props.close();
            }}
            onClick={(event) => event.target === box.current && props.close()}
        >
            <div class="dialog-body">
                <header class="dialog-head">
                    <h2>{props.title}</h2>
                    <button type="button" class="quiet" onClick={props.close}>
                        {say("Đóng", "Close")}
                    </button>
                </header>
                {props.children}
            </div>
        </dialog>
    );
}
