// SPDX-License-Identifier: Apache-2.0
//
// The frame of every page: who is signed in, the pages there are, the language.

import type { ComponentType } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { Problem, ask, send, whenSignedOut, type Session } from "./api";
import { language, say, setLanguage, useLanguage } from "./language";
import { CataloguePage } from "./pages/catalogue";
import { Closes } from "./pages/closes";
import { Login } from "./pages/login";
import { Overdue } from "./pages/overdue";
import { Quality } from "./pages/quality";
import { Reports } from "./pages/reports";
import { System } from "./pages/system";
import { Today } from "./pages/today";
import { DossierWindow } from "./parts/dossier_life";
import { Failed, Loading } from "./parts/notice";
import { address, usePlace } from "./place";
import { WhoContext } from "./session";

interface PageEntry {
    path: string;
    name: () => string;
    page: ComponentType;
    adminOnly?: boolean;
}

const PAGES: PageEntry[] = [
    { path: "/hom-nay", name: () => say("Hôm nay", "Today"), page: Today },
    { path: "/bao-cao", name: () => say("Báo cáo", "Reports"), page: Reports },
    { path: "/chot-so-lieu", name: () => say("Chốt số liệu", "Closes"), page: Closes },
    { path: "/qua-han", name: () => say("Hồ sơ quá hạn", "Overdue"), page: Overdue },
    { path: "/chat-luong", name: () => say("Chất lượng dữ liệu", "Data quality"), page: Quality },
    { path: "/danh-muc", name: () => say("Danh mục", "Catalogue"), page: CataloguePage },
    { path: "/he-thong", name: () => say("Hệ thống", "System"), page: System, adminOnly: true },
];

/** Whether to ask who is signed in: a browser that never signed in need not. */
const SIGNED_IN = "hoso.signed-in";

function pagesOf(session: Session): PageEntry[] {
    return PAGES.filter((entry) => !entry.adminOnly || session.role === "admin");
}

export function App() {
    useLanguage();
    const [session, setSession] = useState<Session | null>(null);
    const [problem, setProblem] = useState<Problem | null>(null);
    const [asked, setAsked] = useState(false);
    const [ended, setEnded] = useState(false);
    const look = useCallback(() => {
        if (localStorage.getItem(SIGNED_IN) === null) {
            setAsked(true);
            return;
        }
        setProblem(null);
        ask<Session>("/v1/me")
            .then(setSession, (failure: Problem) => failure.status !== 401 && setProblem(failure))
            .finally(() => setAsked(true));
    }, []);
    useEffect(() => {
        whenSignedOut(() => {
            localStorage.removeItem(SIGNED_IN);
            setEnded(true);
            setSession(null);
        });
        look();
    }, []);
    const signIn = (who: Session) => {
        localStorage.setItem(SIGNED_IN, "1");
        setSession(who);
    };
    const signOut = () => {
        void send("DELETE", "/v1/session")
            .catch(() => undefined)
            .finally(() => {
                localStorage.removeItem(SIGNED_IN);
                setEnded(false);
                setSession(null);
            });
    };
    if (problem !== null) {
        return (
            <main class="alone">
                <Failed problem={problem} again={look} />
            </main>
        );
    }
    if (!asked) {
        return (
            <main class="alone">
                <Loading />
            </main>
        );
    }
    if (session === null) {
        return <Login ended={ended} signedIn={signIn} />;
    }
    return (
        <WhoContext.Provider value={{ session, signOut }}>
            <Frame session={session} signOut={signOut} />
        </WhoContext.Provider>
    );
}

function Frame({ session, signOut }: { session: Session; signOut: () => void }) {
    const place = usePlace();
    const pages = pagesOf(session);
    const entry = pages.find((one) => one.path === place.path) ?? pages[0]!;
    const known = place.path === "/" || entry.path === place.path;
    useEffect(() => {
        document.title = `${entry.name()} – ${say("Thống kê hồ sơ một cửa", "One-stop dossier statistics")}`;
    });
    const unit = place.query.get("unit");
    return (
        <>
            <a class="skip" href="#content">
                {say("Đến nội dung chính", "To the content")}
            </a>
            <header class="top no-print">
                <p class="brand">
                    <a href="/hom-nay">{say("Thống kê hồ sơ một cửa", "One-stop dossier statistics")}</a>
                </p>
                <nav aria-label={say("Các trang", "Pages")}>
                    <ul>
                        {pages.map((one) => (
                            <li key={one.path}>
                                <a
                                    href={address({ unit }, one.path, "")}
                                    aria-current={known && one === entry ? "page" : undefined}
                                >
                                    {one.name()}
                                </a>
                            </li>
                        ))}
                    </ul>
                </nav>
                <div class="who">
                    <LanguageSwitch />
                    <span class="person">{session.name}</span>
                    <button type="button" class="quiet" onClick={signOut}>
                        {say("Đăng xuất", "Sign out")}
                    </button>
                </div>
            </header>
            <main id="content" tabIndex={-1}>
                {known ? (
                    <>
                        <entry.page key={entry.path} />
                        <DossierWindow />
                    </>
                ) : (
                    <p class="notice">{say("Không có trang này.", "There is no such page.")}</p>
                )}
            </main>
        </>
    );
}

export function LanguageSwitch() {
    const other = language() === "vi" ? "en" : "vi";
    return (
        <button type="button" class="quiet" lang={other} onClick={() => setLanguage(other)}>
            {other === "en" ? "English" : "Tiếng Việt"}
        </button>
    );
}
