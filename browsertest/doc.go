// Package browsertest looks at pages through a headless Chromium, for tests.
//
// A page is asked and touched only after it has loaded, and an element is found and touched in the same turn of the
// page's: one that is there now may be morphed, or its page left, a moment later. A test that goes on must wait for
// something that the page before hadn't.
//
// With SLOW_BROWSER=1 every answer takes 150 ms longer and pages work at a quarter of their speed, which brings to
// light the tests that pass by luck. With SHOTS=folder the images that tests take are kept there.
package browsertest
