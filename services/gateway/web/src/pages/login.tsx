// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from "preact/hooks";
import { LanguageSwitch } from "../app";
import { Problem, send, type Session } from "../api";
import { say } from "../language";

export function Login(props: { ended: boolean; signedIn: (session: Session) => void }) {
    const [problem, setProblem] = useState<Problem | null>(null);
    const [busy, setBusy] = useState(false);
    const password = useRef<HTMLInputElement>(null);
    useEffect(() => {
        document.title = say("Đăng nhập – Thống kê hồ sơ một cửa", "Sign in – One-stop dossier statistics");
    });
    const submit = (event: SubmitEvent) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget as HTMLFormElement);
        setBusy(true);
        send<Session>("POST", "/v1/session", { name: given.get("name"), password: given.get("password") })
            .then(props.signedIn, (failure: Problem) => {
                setProblem(failure);
                password.current?.select();
            })
            .finally(() => setBusy(false));
    };
    return (
        <main class="login">
            <form onSubmit={submit} aria-labelledby="login-title">
                <p class="brand-large">{say("Thống kê hồ sơ một cửa", "One-stop dossier statistics")}</p>
                <h1 id="login-title">{say("Đăng nhập", "Sign in")}</h1>
                {props.ended && problem === null && (
                    <p class="notice" role="status">
                        {say("Phiên làm việc đã hết; hãy đăng nhập lại.", "The session has ended; sign in again.")}
                    </p>
                )}
                {problem !== null && (
                    <div class="notice failed" role="alert">
                        <p class="strong">{problem.message}</p>
                        {problem.detail !== "" && <p>{problem.detail}</p>}
                        {problem.retryAfter !== null && (
                            <p>
                                {say(
                                    `Hãy thử lại sau ${problem.retryAfter} giây.`,
                                    `Try again in ${problem.retryAfter} seconds.`,
                                )}
                            </p>
                        )}
                    </div>
                )}
                <label for="name">{say("Tên đăng nhập", "Name")}</label>
                <input
                    id="name"
                    name="name"
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck={false}
                    required
                    autofocus
                />
                <label for="password">{say("Mật khẩu", "Password")}</label>
                <input
                    id="password"
                    name="password"
                    type="password"
                    autocomplete="current-password"
                    required
                    ref={password}
                />
                <button type="submit" class="primary" disabled={busy}>
                    {busy ? say("Đang đăng nhập…", "Signing in…") : say("Đăng nhập", "Sign in")}
                </button>
                <p class="hint">
                    {say(
                        "Quên mật khẩu: đề nghị quản trị viên hệ thống cấp lại.",
                        "Forgot the password? Ask the administrator for a new one.",
                    )}
                </p>
            </form>
            <p class="center">
                <LanguageSwitch />
            </p>
        </main>
    );
}
