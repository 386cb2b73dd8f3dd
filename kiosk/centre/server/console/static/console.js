// The clerk's page comes alive: news by server-sent events, the page viewer, dialogs, the clock of waiting times.
// Everything on the page is rendered by the server; this script only fetches the same parts again and swaps them.

const body = document.querySelector("[data-parts]");

// -- times ------------------------------------------------------------------------------------------------------------

function spanText(milliseconds) {
  const minutes = Math.max(0, Math.floor(milliseconds / 60000));
  if (minutes < 1) return "不到 1 分钟";
  if (minutes < 60) return `${minutes} 分钟`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} 小时 ${minutes % 60} 分` : `${Math.floor(hours / 24)} 天`;
}

function showTimes() {
  for (const time of document.querySelectorAll("time[data-since]")) {
    const moment = new Date(time.dataset.since);
    time.textContent = time.dataset.form === "span"
      ? spanText(Date.now() - moment)
      : moment.toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" }).slice(5, 16);
  }
}
showTimes();
setInterval(showTimes, 20000);

// -- news -------------------------------------------------------------------------------------------------------------

const link = document.getElementById("link");

function showLink(state, text) {
  if (!link) return;
  link.dataset.state = state;
  link.lastElementChild.textContent = text;
}

function signedOut() {
  location.href = "/console/sign-in?ended=1";
}

let refreshing = false;
let again = false;

async function refresh() {
  if (refreshing) { again = true; return; }
  refreshing = true;
  try {
    do {
      again = false;
      const response = await fetch(body.dataset.parts, { headers: { Accept: "text/html" } });
      if (response.status === 401) return signedOut();
      if (response.status === 404) { location.href = "/console/"; return; }
      if (response.ok) swap(new DOMParser().parseFromString(await response.text(), "text/html"));
    } while (again);
  } catch {
    showLink("down", "已断开，正在重连");
  } finally {
    refreshing = false;
  }
}

const shown = new Map();
for (const part of body?.querySelectorAll("[data-part]") ?? []) shown.set(part.dataset.part, null);

// A part is replaced only when the server's text of it changed, so that focus, scrolling and pictures stay.
function swap(fresh) {
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const name = part.dataset.part;
    const old = body.querySelector(`[data-part="${name}"]`);
    if (!old || shown.get(name) === part.outerHTML) continue;
    const first = shown.get(name) === null && sameText(old, part);
    shown.set(name, part.outerHTML);
    if (first) continue;
    const pictures = new Map([...old.querySelectorAll("img.thumb")].map((image) => [image.getAttribute("src"), image]));
    const known = new Set([...old.querySelectorAll("[data-page]")].map((page) => page.dataset.page));
    for (const image of part.querySelectorAll("img.thumb")) {
      const loaded = pictures.get(image.getAttribute("src"));
      if (loaded) image.replaceWith(loaded);
    }
    for (const page of part.querySelectorAll("[data-page]")) {
      if (!known.has(page.dataset.page)) page.classList.add("arriving");
    }
    if (part.querySelector("#reveal")) hideWhole?.();
    const scrolled = old.scrollTop;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const key = focused?.dataset.page;
    old.replaceWith(part);
    part.scrollTop = scrolled;
    if (key) part.querySelector(`[data-page="${key}"]`)?.focus();
  }
  showTimes();
  viewer?.update();
}

function sameText(a, b) {
  const plain = (node) => node.outerHTML.replace(/<time([^>]*)>[^<]*<\/time>/g, "<time$1></time>").replace(/ aria-current="true"| arriving/g, "");
  return plain(a) === plain(b);
}

if (body) {
  let wait = 1000;
  const connect = () => {
    const source = new EventSource("/console/live");
    source.onopen = () => { wait = 1000; showLink("up", "实时更新"); };
    source.onmessage = refresh;
    source.addEventListener("ended", signedOut);
    source.onerror = () => {
      source.close();
      showLink("down", "已断开，正在重连");
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, 15000);
    };
    addEventListener("pagehide", () => source.close(), { once: true });
  };
  connect();
}

document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-href]");
  if (row && !event.target.closest("a")) location.href = row.dataset.href;
});

// -- dialogs and quiet forms --------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.open);
    // A corrected case may have come in since the page was made: the decision is about what is shown now.
    dialog.querySelector("[name=version]").value = body.querySelector("[data-version]").dataset.version;
    dialog.showModal();
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches("dialog form") && !form.hasAttribute("data-quiet")) {
    // Empty reasons are refused by the server too; saying so here keeps what was typed.
    const reason = form.querySelector("textarea[name=reason]");
    const marked = Number(body.querySelector("[data-marked]")?.dataset.marked ?? 0);
    if (reason && !reason.value.trim() && (reason.required || !marked)) {
      event.preventDefault();
      reason.setCustomValidity("请填写原因");
      reason.reportValidity();
      reason.addEventListener("input", () => reason.setCustomValidity(""), { once: true });
    }
    return;
  }
  if (!form.hasAttribute("data-quiet")) return;
  event.preventDefault();
  const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
  form.closest("dialog")?.close();
  if (response.status === 401) return signedOut();
  refresh();
});

// -- whole values -------------------------------------------------------------------------------------------------------

const SHOW_WHOLE_MILLISECONDS = 30000;
let hideWhole = null;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("#reveal");
  if (!button) return;
  if (hideWhole) return hideWhole();
  const response = await fetch(`/console/cases/${body.dataset.case}/reveal`, { method: "POST" });
  if (response.status === 401) return signedOut();
  if (!response.ok) return;
  const whole = await response.json();
  const masked = new Map();
  for (const cell of document.querySelectorAll("[data-reveal]")) {
    if (!(cell.dataset.reveal in whole)) continue;
    masked.set(cell, cell.textContent);
    cell.textContent = whole[cell.dataset.reveal];
    cell.classList.add("revealed");
  }
  button.textContent = "隐藏";
  button.setAttribute("aria-pressed", "true");
  const timer = setTimeout(() => hideWhole?.(), SHOW_WHOLE_MILLISECONDS);
  hideWhole = () => {
    clearTimeout(timer);
    hideWhole = null;
    for (const [cell, text] of masked) {
      cell.textContent = text;
      cell.classList.remove("revealed");
    }
    button.textContent = "显示完整信息";
    button.setAttribute("aria-pressed", "false");
  };
});

// -- the viewer ----------------------------------------------------------------------------------------------------------

class Viewer {
  constructor(stage) {
    this.stage = stage;
    this.title = document.getElementById("viewer-title");
    this.zoomText = document.getElementById("zoom");
    this.empty = document.getElementById("stage-empty");
    this.image = null;
    this.current = null;
    this.angles = new Map();
    this.zoom = 1;  // of the size that fits
    this.x = 0;
    this.y = 0;
    stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.scaleBy(event.deltaY < 0 ? 1.15 : 1 / 1.15, event);
    }, { passive: false });
    stage.addEventListener("pointerdown", (event) => this.drag(event));
    stage.addEventListener("dblclick", (event) => this.zoom > 1 ? this.fit() : this.scaleBy(2.5, event));
    new ResizeObserver(() => this.place()).observe(stage);
    document.addEventListener("click", (event) => {
      const page = event.target.closest("[data-page]");
      if (page) this.show(page.dataset.page);
      const tool = event.target.closest("[data-tool]");
      if (tool) this.use(tool.dataset.tool);
      if (event.target.closest("#mark-open")) this.openMark();
    });
    document.addEventListener("keydown", (event) => {
      if (event.target.closest("input, textarea, dialog") || event.ctrlKey || event.altKey || event.metaKey) return;
      const tool = { "+": "in", "=": "in", "-": "out", "0": "fit", r: "rotate", R: "rotate", ArrowUp: "previous", ArrowDown: "next" }[event.key];
      if (!tool) return;
      event.preventDefault();
      this.use(tool);
    });
    this.update();
  }

  pages() { return [...document.querySelectorAll("[data-page]")]; }

  // After every swap: keep the page that is shown, or show the first; mark buttons follow.
  update() {
    const pages = this.pages();
    const wanted = this.current ?? location.hash.slice(1);
    const found = pages.find((page) => page.dataset.page === wanted) ?? pages[0];
    if (found) this.show(found.dataset.page, false);
    else this.clear();
  }

  show(id, scroll = true) {
    const page = this.pages().find((candidate) => candidate.dataset.page === id);
    if (!page) return;
    for (const other of this.pages()) other.removeAttribute("aria-current");
    page.setAttribute("aria-current", "true");
    if (scroll) page.scrollIntoView({ block: "nearest" });
    this.title.textContent = page.dataset.title;
    this.marks(page);
    if (this.current === id) return;
    this.current = id;
    history.replaceState(null, "", `#${id}`);
    this.stage.querySelectorAll("img, a").forEach((old) => old.remove());
    this.empty.hidden = true;
    this.image = null;
    if ("pdf" in page.dataset) {
      const open = document.createElement("a");
      open.href = page.dataset.src;
      open.target = "_blank";
      open.textContent = "打开 PDF";
      this.stage.append(open);
      return;
    }
    const image = new Image();
    image.alt = page.dataset.title;
    image.draggable = false;
    image.onload = () => this.fit();
    image.onerror = () => { this.empty.textContent = "这一页打不开。"; this.empty.hidden = false; image.remove(); };
    image.src = page.dataset.src;
    this.image = image;
    this.stage.append(image);
  }

  clear() {
    this.current = null;
    this.image?.remove();
    this.image = null;
    this.empty.hidden = false;
    this.title.textContent = "没有选中页面";
    this.marks(null);
  }

  marks(page) {
    const open = document.getElementById("mark-open");
    const remove = document.getElementById("unmark");
    const marked = Boolean(page?.dataset.mark);
    open.disabled = !page || !("canMark" in page.dataset);
    open.hidden = marked || (page && open.disabled);
    remove.hidden = !marked || open.disabled;
    if (page) remove.action = `${page.dataset.src}/mark`;
    const marks = body.querySelector(".materials").dataset.marked;
    for (const count of document.querySelectorAll("b[data-marked]")) count.textContent = marks;
    for (const note of document.querySelectorAll("[data-if-marked]")) note.hidden = marks === "0";
  }

  openMark() {
    const page = this.pages().find((candidate) => candidate.dataset.page === this.current);
    const dialog = document.getElementById("mark-dialog");
    const form = dialog.querySelector("form");
    form.reset();
    form.action = `${page.dataset.src}/mark`;
    dialog.showModal();
  }

  use(tool) {
    if (tool === "in") this.scaleBy(1.25);
    if (tool === "out") this.scaleBy(1 / 1.25);
    if (tool === "fit") this.fit();
    if (tool === "rotate" && this.current) {
      this.angles.set(this.current, (this.angle() + 90) % 360);
      this.fit();
    }
    if (tool === "next" || tool === "previous") {
      const pages = this.pages();
      const at = pages.findIndex((page) => page.dataset.page === this.current);
      const next = pages[at + (tool === "next" ? 1 : -1)];
      if (next) this.show(next.dataset.page);
    }
  }

  angle() { return this.angles.get(this.current) ?? 0; }

  fit() {
    this.zoom = 1;
    this.x = this.y = 0;
    this.place();
  }

  scaleBy(factor, at = null) {
    const zoom = Math.min(12, Math.max(1, this.zoom * factor));
    const ratio = zoom / this.zoom;
    const box = this.stage.getBoundingClientRect();
    const px = at ? at.clientX - box.left - box.width / 2 : 0;
    const py = at ? at.clientY - box.top - box.height / 2 : 0;
    this.x = px - (px - this.x) * ratio;
    this.y = py - (py - this.y) * ratio;
    this.zoom = zoom;
    this.place();
  }

  place() {
    const image = this.image;
    if (!image?.naturalWidth) return;
    const turned = this.angle() % 180 !== 0;
    const width = turned ? image.naturalHeight : image.naturalWidth;
    const height = turned ? image.naturalWidth : image.naturalHeight;
    const margin = 24;
    const fitting = Math.min((this.stage.clientWidth - margin) / width, (this.stage.clientHeight - margin) / height);
    const scale = fitting * this.zoom;
    const limitX = Math.max(0, (width * scale - this.stage.clientWidth) / 2 + margin);
    const limitY = Math.max(0, (height * scale - this.stage.clientHeight) / 2 + margin);
    this.x = this.zoom === 1 ? 0 : Math.min(limitX, Math.max(-limitX, this.x));
    this.y = this.zoom === 1 ? 0 : Math.min(limitY, Math.max(-limitY, this.y));
    image.style.transform = `translate(-50%, -50%) translate(${this.x}px, ${this.y}px) rotate(${this.angle()}deg) scale(${scale})`;
    this.zoomText.textContent = `${Math.round(scale * 100)}%`;
  }

  drag(event) {
    if (!this.image || event.button !== 0) return;
    const from = [event.clientX - this.x, event.clientY - this.y];
    this.stage.setPointerCapture(event.pointerId);
    this.stage.classList.add("dragging");
    const move = (moved) => { this.x = moved.clientX - from[0]; this.y = moved.clientY - from[1]; this.place(); };
    const end = () => {
      this.stage.classList.remove("dragging");
      this.stage.removeEventListener("pointermove", move);
    };
    this.stage.addEventListener("pointermove", move);
    this.stage.addEventListener("pointerup", end, { once: true });
    this.stage.addEventListener("pointercancel", end, { once: true });
  }
}

const stage = document.getElementById("stage");
let viewer = null;
if (stage) viewer = new Viewer(stage);
