// Package jobs works durable jobs on River: the one client of this process, its claim to be alive, the watch that frees
// the jobs of dead processes and gives unfinished work a new job, the drain, and tidying up. Rooms register a Queue
// each. It knows the store and the live feed; it doesn't know what any job is about.
package jobs
