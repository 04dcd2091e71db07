package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// How much of a file is one transaction: the shop's other edits wait for it.
const (
	stepProducts = 100
	stepRows     = 500
)

// products reads a file of products one after the other.
type products struct {
	*table
	orbit.FileHeader
	pending *orbit.FileRow
	seen    map[string]bool
	rows    int // lines that aren't blank, up to the product that was read last
}

// openProducts opens an import's file. Invalid where it can't be one of products.
func (s *Service) openProducts(ctx context.Context, i orbit.Import) (p *products, done func(), err error) {
	first, err := s.Files.OpenFile(ctx, key(i))
	if err != nil {
		return nil, nil, err
	}
	how, err := survey(first)
	_ = first.Close() // it was only read
	if err != nil {
		return nil, nil, err
	}
	file, err := s.Files.OpenFile(ctx, key(i))
	if err != nil {
		return nil, nil, err
	}
	done = func() { _ = file.Close() } // it was only read
	p = &products{seen: map[string]bool{}}
	if p.table, err = open(file, how); err == nil {
		p.FileHeader, err = orbit.ReadFileHeader(p.header)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return p, done, nil
}

// next returns the next product with its lines, or what is wrong with lines that are none's. io.EOF at the end.
func (p *products) next() (product orbit.FileProduct, fault *orbit.ImportFault, err error) {
	for {
		row, err := p.row()
		if errors.Is(err, io.EOF) && len(product.Rows) > 0 {
			break
		}
		if err != nil {
			return product, nil, err
		}
		handle := p.HandleOf(row)
		if len(product.Rows) == 0 {
			product.Handle = handle
			product.Rows = append(product.Rows, row)
			if handle == "" {
				p.rows++
				return product, &orbit.ImportFault{Line: row.Line,
					Message: "This line has neither a handle nor a title, so it isn't clear which product it is of."}, nil
			}
			continue
		}
		if handle != product.Handle || !p.Continues(product.Rows[0], row) || len(product.Rows) > 2*orbit.MaxVariants {
			p.pending = &row
			break
		}
		product.Rows = append(product.Rows, row)
	}
	p.rows += len(product.Rows)
	if p.seen[product.Handle] {
		return product, &orbit.ImportFault{Line: product.Rows[0].Line, Value: product.Handle,
			Message: "The lines of a product have to follow each other. There are others with this handle above."}, nil
	}
	p.seen[product.Handle] = true
	return product, nil, nil
}

// row returns the next line that isn't blank.
func (p *products) row() (row orbit.FileRow, err error) {
	if p.pending != nil {
		row, p.pending = *p.pending, nil
		return row, nil
	}
	for {
		if row, err = p.table.next(); err != nil || !p.Blank(row) {
			return row, err
		}
	}
}

// step is some products of a file, and what is wrong with lines that are none's.
type step struct {
	products []orbit.FileProduct
	faults   []orbit.ImportFault
	failed   int
	rows     int
}

func (p *products) step() (s step, err error) {
	for len(s.products) < stepProducts {
		product, fault, err := p.next()
		if err != nil {
			s.rows = p.rows
			return s, err
		}
		if fault != nil {
			s.faults, s.failed = append(s.faults, *fault), s.failed+1
		} else {
			s.products = append(s.products, product)
		}
		if s.rows += len(product.Rows); s.rows >= stepRows {
			break
		}
	}
	s.rows = p.rows
	return s, nil
}

func (s step) handles() []string {
	handles := make([]string, len(s.products))
	for i, p := range s.products {
		handles[i] = p.Handle
	}
	return handles
}

// apply counts what a step makes of what is there, and returns what is to be written.
func (s step) apply(h orbit.FileHeader, i *orbit.Import, there map[string]orbit.ProductSheet, u orbit.Units,
	now time.Time) (writes []shop.ImportWrite) {
	note := func(faults ...orbit.ImportFault) {
		i.Errors = append(i.Errors, faults[:min(len(faults), max(0, orbit.MaxImportFaults-len(i.Errors)))]...)
	}
	i.Done, i.Failed = s.rows, i.Failed+s.failed
	note(s.faults...)
	for _, p := range s.products {
		sheet, known := there[p.Handle]
		switch {
		case known && !i.Overwrite:
			i.Skipped++
			continue
		case known && sheet.ReadOnly:
			i.Failed++
			note(orbit.ImportFault{Line: p.Rows[0].Line, Value: p.Handle, Message: orbit.ReadOnlyProduct})
			continue
		case !known:
			sheet = orbit.NewProduct(i.MerchantID, orbit.NewID[orbit.Product](), u, now)
		}
		edit := h.Edit(p, sheet, i.Erase, now)
		i.Blanks += edit.Blanks
		switch {
		case len(edit.Faults) > 0:
			i.Failed++
			note(edit.Faults...)
			continue
		case known:
			i.Updated++
		default:
			i.Created++
		}
		writes = append(writes, shop.ImportWrite{Edit: edit.Edit, Images: edit.Images})
	}
	return writes
}

// check reads a file whole and notes what importing it would do.
func (s *Service) check(ctx context.Context, i orbit.Import) error {
	i.Rows, i.Done, i.Created, i.Updated, i.Skipped, i.Failed, i.Blanks = 0, 0, 0, 0, 0, 0, 0
	i.Errors, i.Columns = nil, []string{}
	err := s.survey(ctx, &i)
	switch orbit.CodeOf(err) {
	case orbit.Invalid, orbit.NotFound:
		i.Status, i.Message = orbit.ImportFailed, orbit.Sentence(err)
	default:
		if err != nil {
			return err
		}
		i.Status = orbit.ImportChecked
	}
	return shop.ImportChecked(ctx, s.DB, i)
}

func (s *Service) survey(ctx context.Context, i *orbit.Import) error {
	p, done, err := s.openProducts(ctx, *i)
	if err != nil {
		return err
	}
	defer done()
	i.Columns = append(i.Columns, p.Kept()...)
	for {
		step, end := p.step()
		if end != nil && !errors.Is(end, io.EOF) {
			return end
		}
		err := shop.For(s.DB, i.MerchantID).Do(ctx, func(t *shop.Tenant) error {
			settings, err := t.Settings(ctx)
			if err != nil {
				return err
			}
			there, err := sheets(ctx, t, step.handles())
			step.apply(p.FileHeader, i, there, settings.Units(), time.Now())
			return err
		})
		if err != nil {
			return err
		}
		if i.Rows = step.rows; end != nil {
			return nil
		}
	}
}

func sheets(ctx context.Context, t *shop.Tenant, handles []string) (map[string]orbit.ProductSheet, error) {
	all, err := t.SheetsByHandle(ctx, handles)
	there := make(map[string]orbit.ProductSheet, len(all))
	for _, s := range all {
		there[s.Product.Handle] = s
	}
	return there, err
}

// run imports a file, some products at a time, from where it ended.
func (s *Service) run(ctx context.Context, i orbit.Import) error {
	p, done, err := s.openProducts(ctx, i)
	if err != nil {
		return s.fail(ctx, i, err)
	}
	defer done()
	for p.rows < i.Done { // those that are imported already
		if _, _, err := p.next(); err != nil {
			break
		}
	}
	for {
		step, end := p.step()
		if end != nil && !errors.Is(end, io.EOF) {
			return s.fail(ctx, i, end)
		}
		if step.rows > i.Done {
			next := i
			err = shop.ImportStep(ctx, s.DB, i, step.handles(), func(there map[string]orbit.ProductSheet, u orbit.Units) (
				orbit.Import, []shop.ImportWrite) {
				next = i
				next.Errors = slices.Clone(i.Errors)
				writes := step.apply(p.FileHeader, &next, there, u, time.Now())
				return next, writes
			})
			switch orbit.CodeOf(err) {
			case orbit.Conflict, orbit.Invalid:
				if shop.Overtaken(err) {
					return err
				}
				i.Status, i.Message = orbit.ImportFailed, fmt.Sprintf("It ended after line %d: %s", i.Done+1, orbit.Sentence(err))
				return shop.FinishImport(ctx, s.DB, i)
			}
			if err != nil {
				return err
			}
			i = next
		}
		if end != nil {
			i.Status = orbit.ImportDone
			if err := shop.FinishImport(ctx, s.DB, i); err != nil {
				return err
			}
			return shop.StartFetching(ctx, s.DB, i)
		}
	}
}

// fail ends a running import where its file can't be read: it is gone, or this release refuses it. Other errors are the
// job's.
func (s *Service) fail(ctx context.Context, i orbit.Import, err error) error {
	if code := orbit.CodeOf(err); code != orbit.Invalid && code != orbit.NotFound {
		return err
	}
	i.Status, i.Message = orbit.ImportFailed, orbit.Sentence(err)
	return shop.FinishImport(ctx, s.DB, i)
}

// Faulty writes the header of an import's file, and the lines of the products that have faults. NotFound where the file
// was swept.
func (s *Service) Faulty(ctx context.Context, i orbit.Import, write func([]string) error) error {
	p, done, err := s.openProducts(ctx, i)
	if err != nil {
		return err
	}
	defer done()
	faulty := map[int]bool{}
	for _, f := range i.Errors {
		faulty[f.Line] = true
	}
	if err := write(p.header); err != nil {
		return err
	}
	for {
		product, _, err := p.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(product.Rows, func(r orbit.FileRow) bool { return faulty[r.Line] }) {
			continue
		}
		for _, row := range product.Rows {
			cells := slices.Clone(row.Cells)
			for n := range cells {
				if _, err := strconv.ParseFloat(cells[n], 64); err != nil {
					cells[n] = orbit.CSVCell(cells[n])
				}
			}
			if err := write(cells); err != nil {
				return err
			}
		}
	}
}
