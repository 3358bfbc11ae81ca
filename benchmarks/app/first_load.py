"""What a first visit costs a browser: bytes, largest contentful paint and layout shift of real pages, nothing stored before.

    python3 go.py run                                   # in another window
    python benchmarks/app/first_load.py --url http://127.0.0.1:8000

A page is loaded three times, each in a browser context of its own that knows the session and nothing else; the median
counts. The phone has a quarter of the processor, 1.6 Mbit/s and 150 ms of delay.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

PASSWORD = "buoy demo 2026"
PAGES = (
    ("sign-in, English", None, "/account/login/"),
    ("desk home, English", "ada@nimbus.example", "/desk/"),
    ("desk partners, English", "ada@nimbus.example", "/desk/partners/"),
    ("desk home, Arabic", "tariq@nimbus.example", "/desk/"),
    ("portal home, English", "rita@alpha.example", "/p/"),
    ("portal home, Arabic", "layla@alnoor.example", "/p/"),
)
VISITS = 3
LARGEST = """() => new Promise(done => {
  let largest = 0, shift = 0;
  new PerformanceObserver(list => { for (const each of list.getEntries()) largest = each.startTime; })
    .observe({type: "largest-contentful-paint", buffered: true});
  new PerformanceObserver(list => { for (const each of list.getEntries()) if (!each.hadRecentInput) shift += each.value; })
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done([largest, shift]), 500);
})"""


@dataclass(frozen=True)
class Visit:
    kilobytes: float
    largest_ms: float
    shift: float


def signed_in(browser: Browser, url: str, email: str | None) -> Any:
    """The cookies of somebody's session; none for nobody's."""
    if email is None:
        return None
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{url}/account/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    state = context.storage_state()
    context.close()
    return state


def visit(browser: Browser, state: Any, address: str, *, is_phone: bool) -> Visit:
    size: ViewportSize = {"width": 390, "height": 844} if is_phone else {"width": 1280, "height": 900}
    context = browser.new_context(storage_state=state, viewport=size)
    page = context.new_page()
    loaded = [0]
    watched(page, loaded, is_phone=is_phone)
    page.goto(address, wait_until="networkidle")
    largest, shift = page.evaluate(LARGEST)
    context.close()
    return Visit(loaded[0] / 1000, largest, shift)


def watched(page: Page, loaded: list[int], *, is_phone: bool) -> None:
    """Count the bytes on the wire, and slow a phone down."""
    tools = page.context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.on("Network.loadingFinished", lambda event: loaded.__setitem__(0, loaded[0] + event["encodedDataLength"]))
    if is_phone:
        tools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        slow = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
        tools.send("Network.emulateNetworkConditions", slow)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    url = parser.parse_args().url
    program = os.environ.get("BUOY_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        print(f"{'page':26}{'kB':>6}{'LCP':>9}{'CLS':>7}{'phone LCP':>12}{'CLS':>7}")
        for name, email, path in PAGES:
            state = signed_in(browser, url, email)
            desk, phone = (
                [visit(browser, state, url + path, is_phone=is_phone) for _ in range(VISITS)]
                for is_phone in (False, True)
            )
            print(
                f"{name:26}{statistics.median(each.kilobytes for each in desk):6.0f}"
                f"{statistics.median(each.largest_ms for each in desk):6.0f} ms"
                f"{max(each.shift for each in desk):7.3f}"
                f"{statistics.median(each.largest_ms for each in phone):9.0f} ms"
                f"{max(each.shift for each in phone):7.3f}"
            )
        browser.close()


if __name__ == "__main__":
    main()
