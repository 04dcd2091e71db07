package webp

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"math"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Of libwebp 1.2.4, BSD license (LICENSE.libwebp); build.sh makes it.
//
//go:embed libwebp.wasm
var library []byte

// MaxSide is the longest side, in pixels, that the format holds.
const MaxSide = 16383

// method is how hard libwebp tries, 0 to 6: 4, its own default, takes three times as long for one percent less.
const method = 2

// maxPages bounds an encoder's memory, in pages of 64 KiB: 512 MiB.
const maxPages = 8192

// Encoder encodes images. The zero value is ready; it is safe for concurrent use. The first image waits for the
// library to be compiled, which takes about a third of a second.
type Encoder struct {
	once    sync.Once
	runtime wazero.Runtime
	module  wazero.CompiledModule
	err     error
}

func (e *Encoder) start() error {
	e.once.Do(func() {
		ctx := context.Background()
		e.runtime = wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(maxPages))
		// libwebp asks at each percent or so. That wazero looks at the context itself, at every turn of every loop, makes
		// encoding several times as slow (measured).
		_, e.err = e.runtime.NewHostModuleBuilder("orbit").NewFunctionBuilder().WithFunc(func(ctx context.Context) uint32 {
			if ctx.Err() != nil {
				return 0
			}
			return 1
		}).Export("proceed").Instantiate(ctx)
		if e.err == nil {
			e.module, e.err = e.runtime.CompileModule(ctx, library)
		}
	})
	return e.err
}

// Encode gives an image as WebP. Quality is 0 to 100. An empty image, one with a side over MaxSide, and a
// context that ends are errors.
func (e *Encoder) Encode(ctx context.Context, m *image.RGBA, quality float32) (file []byte, err error) {
	size := m.Bounds().Size()
	if size.X < 1 || size.Y < 1 || size.X > MaxSide || size.Y > MaxSide {
		return nil, fmt.Errorf("webp: an image of %d x %d", size.X, size.Y)
	}
	if err := e.start(); err != nil {
		return nil, fmt.Errorf("webp: %w", err)
	}
	// An instance for each image: its memory goes with it.
	instance, err := e.runtime.InstantiateModule(ctx, e.module,
		wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return nil, fmt.Errorf("webp: %w", err)
	}
	defer func() { err = errors.Join(err, instance.Close(context.WithoutCancel(ctx))) }()
	c := calls{ctx: ctx, module: instance}
	pixels, alpha := flat(m)
	at := uint32(c.call("alloc", uint64(len(pixels))))
	if c.err == nil && (at == 0 || !instance.Memory().Write(at, pixels)) {
		return nil, errors.New("webp: no memory")
	}
	code := c.call("encode", uint64(at), uint64(size.X), uint64(size.Y), alpha, uint64(math.Float32bits(quality)), method)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("webp: %w", err)
	}
	if c.err == nil && code != 0 {
		return nil, fmt.Errorf("webp: libwebp's error %d", code)
	}
	at, n := uint32(c.call("data")), uint32(c.call("size"))
	if c.err != nil {
		return nil, fmt.Errorf("webp: %w", c.err)
	}
	view, ok := instance.Memory().Read(at, n)
	if !ok || n == 0 {
		return nil, errors.New("webp: no file came out")
	}
	return append([]byte(nil), view...), nil
}

// flat is an image's pixels without gaps, and 1 where some can be seen through: then alpha isn't multiplied in, as the
// format has it.
func flat(m *image.RGBA) (pixels []byte, alpha uint64) {
	size := m.Bounds().Size()
	if !m.Opaque() {
		straight := image.NewNRGBA(image.Rectangle{Max: size})
		draw.Draw(straight, straight.Bounds(), m, m.Bounds().Min, draw.Src)
		return straight.Pix, 1
	}
	if m.Stride == 4*size.X {
		return m.Pix[:4*size.X*size.Y], 0
	}
	whole := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(whole, whole.Bounds(), m, m.Bounds().Min, draw.Src)
	return whole.Pix, 0
}

// calls keeps the first error of several calls.
type calls struct {
	ctx    context.Context
	module api.Module
	err    error
}

func (c *calls) call(name string, args ...uint64) uint64 {
	if c.err != nil {
		return 0
	}
	out, err := c.module.ExportedFunction(name).Call(c.ctx, args...)
	if err != nil {
		c.err = err
		return 0
	}
	return out[0]
}
