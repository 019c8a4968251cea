// SPDX-License-Identifier: Apache-2.0
import { render } from "preact";
import { App } from "./app";
import { followLinks } from "./place";

followLinks();
render(<App />, document.getElementById("page")!);
