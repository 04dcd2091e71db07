package kit

import (
	"context"
	"fmt"
	"strings"

	"github.com/alexedwards/argon2id"
)

// CheckNobody reports whether nobody's hash can be compared against and has the parameters that real
// hashes begin with.
func CheckNobody(parameters string) error {
	if _, err := argon2id.ComparePasswordAndHash("x", nobody); err != nil {
		return err
	}
	if head := parameters[:strings.LastIndexByte(parameters, '$')]; !strings.HasPrefix(nobody, head) {
		return fmt.Errorf("%s doesn't begin with %s", nobody, head)
	}
	return nil
}

// WriteTallies has what was counted written to the audit log at once.
func (k *Kit) WriteTallies(ctx context.Context) { k.tallies.write(ctx) }
