package orbit

// Usage is how much of the plan's limits a shop has used.
type Usage struct {
	Products int64
	Bytes    int64 // of images
}
