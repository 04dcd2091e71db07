package kit

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/store"
)

// Bound is how often one network may do something in a period. Every bound by origin comes through Throttle, or counts
// by orbit.Network's keys itself: there is no other notion of where a request comes from.
type Bound struct {
	What string // names what is counted
	Near int    // by an IPv4 address or an IPv6 /64
	Wide int    // by an IPv6 /48, in which many subscribers may live
}

// name is what the audit log calls the bound: without the person it is about, which a stranger may have typed.
func (b Bound) name() string {
	name, _, _ := strings.Cut(b.What, " ")
	return name
}

// Network is where a request came from, for counting.
func (k *Kit) Network(c *fiber.Ctx) orbit.Network { return orbit.NetworkOf(k.ClientIP(c)) }

// Throttle takes one try of each bound, or of none; where one has none left the answer is TooMany with the sentence.
func (k *Kit) Throttle(ctx context.Context, from orbit.Network, period time.Duration, sentence string,
	bounds ...Bound) error {
	var buckets []store.Bucket
	about := map[string]string{}
	for _, b := range bounds {
		buckets = append(buckets, store.Bucket{Key: b.What + " " + from.Near, Burst: b.Near})
		if from.Wide != "" {
			buckets = append(buckets, store.Bucket{Key: b.What + " " + from.Wide, Burst: b.Wide})
			about[b.What+" "+from.Wide] = b.name()
		}
		about[b.What+" "+from.Near] = b.name()
	}
	refused, wait, err := k.DB.AllowAll(ctx, period, buckets...)
	if err == nil && refused != "" {
		k.tallies.note(orbit.ActionThrottleHit, about[refused], from)
		k.Metrics.Throttled(refused)
		err = orbit.Errorf(orbit.TooMany, "%s", sentence).After(wait)
	}
	return err
}
