package jpeg

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Of libjpeg-turbo 2.1.5, under the licenses of LICENSE.libjpeg-turbo.md and README.ijg; build.sh makes it.
//
//go:embed libjpeg.wasm
var library []byte

// maxPages bounds one image's decoder, its file included, in pages of 64 KiB: 384 MiB.
const maxPages = 6144

// stripe is how many rows are decoded between two looks at the context. That wazero looks itself, at every turn of
// every loop, makes decoding six times as slow (measured).
const stripe = 16

// Decoder decodes images. The zero value is ready; it is safe for concurrent use. The first image waits for the
// library to be compiled, which takes about a fifth of a second.
type Decoder struct {
	once    sync.Once
	runtime wazero.Runtime
	module  wazero.CompiledModule
	err     error
}

func (d *Decoder) start() error {
	d.once.Do(func() {
		ctx := context.Background()
		d.runtime = wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(maxPages))
		d.module, d.err = d.runtime.CompileModule(ctx, library)
	})
	return d.err
}

// Errors of images, beside the context's.
var (
	ErrDamaged     = errors.New("jpeg: damaged")
	ErrUnsupported = errors.New("jpeg: of a kind that libjpeg-turbo doesn't decode")
	ErrMemory      = errors.New("jpeg: more memory than the bound")
)

// Image is one that is being decoded, row by row. Close it. It isn't safe for concurrent use.
type Image struct {
	Width, Height int // of what is decoded
	// the rows hold cyan, magenta, yellow and black, as the file has them; otherwise red, green, blue and 255
	CMYK    bool
	ctx     context.Context
	module  api.Module
	read    api.Function
	lines   uint32
	failure uint32
	stripe  []byte // decoded and not yet handed out
	left    int    // rows that are still to be decoded
}

// Open begins to decode a file, each side divided by denominator: 1, 2, 4 or 8, rounded up. An image in several scans
// is read to its end here, at a coefficient of two bytes for each of its samples.
func (d *Decoder) Open(ctx context.Context, file []byte, denominator int) (_ *Image, err error) {
	if err := d.start(); err != nil {
		return nil, fmt.Errorf("jpeg: %w", err)
	}
	// An instance for each image: its memory goes with it.
	module, err := d.runtime.InstantiateModule(ctx, d.module, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, fmt.Errorf("jpeg: %w", err)
	}
	p := &Image{ctx: ctx, module: module, read: module.ExportedFunction("read")}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if p.failure, err = p.call("failure"); err != nil {
		return nil, err
	}
	at, err := p.call("alloc", uint64(len(file)))
	if err != nil {
		return nil, err
	}
	if at == 0 || !module.Memory().Write(at, file) {
		return nil, ErrMemory
	}
	channels, err := p.call("open", uint64(at), uint64(len(file)))
	if err != nil {
		return nil, err
	}
	p.CMYK = channels == 4
	scans, err := p.call("start", uint64(denominator), stripe)
	if err != nil {
		return nil, err
	}
	for consumed := scans == 0; !consumed; {
		done, err := p.call("consume", stripe/4)
		if err != nil {
			return nil, err
		}
		consumed = done == 1
	}
	for name, to := range map[string]*int{"width": &p.Width, "height": &p.Height} {
		v, err := p.call(name)
		if err != nil {
			return nil, err
		}
		*to = int(v)
	}
	p.left = p.Height
	p.lines, err = p.call("lines")
	return p, err
}

// Row gives the next row, four bytes a pixel; it is valid until the next call. There are Height of them.
func (p *Image) Row() ([]byte, error) {
	if len(p.stripe) == 0 {
		want := min(stripe, p.left)
		if want == 0 {
			return nil, errors.New("jpeg: no more rows")
		}
		n, err := p.call("read", uint64(want))
		if err != nil {
			return nil, err
		}
		view, ok := p.module.Memory().Read(p.lines, n*uint32(p.Width)*4)
		if !ok || int(n) != want {
			return nil, ErrDamaged
		}
		p.stripe, p.left = view, p.left-want
	}
	row := p.stripe[:4*p.Width]
	p.stripe = p.stripe[4*p.Width:]
	return row, nil
}

// Close frees the image's memory.
func (p *Image) Close() error {
	p.stripe = nil
	return p.module.Close(context.WithoutCancel(p.ctx))
}

// call runs one of the module's functions. Its errors are the context's or one of the three above.
func (p *Image) call(name string, args ...uint64) (uint32, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, fmt.Errorf("jpeg: %w", err)
	}
	f := p.read
	if name != "read" {
		f = p.module.ExportedFunction(name)
	}
	out, err := f.Call(p.ctx, args...)
	if err == nil {
		return uint32(out[0]), nil
	}
	code, _ := p.module.Memory().ReadUint32Le(p.failure)
	sort, _ := p.module.Memory().ReadUint32Le(p.failure + 4)
	reason := ErrDamaged
	switch sort { // as in c/decoder.c
	case 1:
		reason = ErrUnsupported
	case 2:
		reason = ErrMemory
	}
	return 0, fmt.Errorf("%w: libjpeg's error %d: %w", reason, code, err)
}
