// The list of values to look at, by keyboard: J and K move from row to row, a letter presses that row's button.
(function () {
  "use strict";

  var rows = Array.from(document.querySelectorAll(".ra-decide")).map(function (one) {
    return one.closest("tr");
  });
  var at = -1;

  function go(to) {
    if (!rows.length) return;
    if (at >= 0) rows[at].classList.remove("ra-current");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].classList.add("ra-current");
    rows[at].querySelector("button").focus({ preventScroll: true });
    rows[at].scrollIntoView({ block: "nearest" });
  }

  function press(key) {
    if (at < 0) {
      go(0); // nobody decides about a row that is not marked
      return true;
    }
    var row = rows[at];
    var target = key === "p" ? row.querySelector("[data-review-play]") : row.querySelector('[data-review-key="' + key + '"]');
    if (!target) return false;
    target.click();
    if (key === "o") {
      var box = row.querySelector("details input, details select, details textarea");
      if (box) box.focus();
    }
    return true;
  }

  // Whoever comes to a row by Tab or by a click decides about that row, not about the one that was marked before.
  document.addEventListener("focusin", function (event) {
    var here = rows.indexOf(event.target.closest("tr"));
    if (here < 0 || here === at) return;
    if (at >= 0) rows[at].classList.remove("ra-current");
    at = here;
    rows[at].classList.add("ra-current");
  });

  document.addEventListener("keydown", function (event) {
    // A key that is held down would decide row after row.
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !rows.length) return;
    if (/^(input|select|textarea)$/i.test(event.target.tagName)) return;
    var key = event.key.toLowerCase();
    if (key === "j") go(at + 1);
    else if (key === "k") go(at - 1);
    else if (!("lrcop".includes(key) && press(key))) return;
    event.preventDefault();
  });

  // Whoever works through the list goes on where they were: the next row has come up in the decided one's place.
  document.addEventListener("submit", function () {
    if (at >= 0) sessionStorage.setItem("ra-review-at", String(at));
  });
  var before = sessionStorage.getItem("ra-review-at");
  sessionStorage.removeItem("ra-review-at");
  // The theme moves the table about until the page is loaded, which would take the focus away again.
  if (before !== null) addEventListener("load", function () { if (at < 0) go(Number(before)); });
})();
