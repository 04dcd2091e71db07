package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// Operation is a change to many products at once.
type Operation struct {
	ID        string     `json:"id" format:"uuid"`
	Kind      string     `json:"kind"`
	Status    string     `json:"status"`
	Title     string     `json:"title" doc:"A file's name."`
	Who       string     `json:"who"`
	Products  int        `json:"products" doc:"How many it has changed."`
	UndoUntil time.Time  `json:"undoUntil"`
	UndoneAt  *time.Time `json:"undoneAt"`
	Failure   string     `json:"failure" doc:"Why it couldn't be undone the last time."`
	CreatedAt time.Time  `json:"createdAt"`
}

// TransformSchema lists kinds and statuses.
func (Operation) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["kind"].Enum = choices(orbit.OperationKinds())
	s.Properties["status"].Enum = choices(orbit.OperationStatuses())
	return s
}

// Adjustment is one change of a variant's quantity.
type Adjustment struct {
	ID        string    `json:"id" format:"uuid"`
	VariantID string    `json:"variantId" format:"uuid"`
	Delta     int       `json:"delta"`
	Quantity  int       `json:"quantity" doc:"After it."`
	Reason    string    `json:"reason"`
	Note      string    `json:"note"`
	Who       string    `json:"who" doc:"Empty for shoppers and the platform."`
	OrderID   *string   `json:"orderId" format:"uuid"`
	CreatedAt time.Time `json:"createdAt"`
}

// TransformSchema lists the reasons.
func (Adjustment) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["reason"].Enum = choices(orbit.InventoryReasons())
	return s
}

// AdjustmentContent is by how much a quantity changes, or what it becomes, and why.
type AdjustmentContent struct {
	Delta    Change[int64] `json:"delta,omitempty" doc:"Either this,"`
	Quantity Change[int64] `json:"quantity,omitempty" doc:"or this."`
	Reason   string        `json:"reason"`
	Note     string        `json:"note,omitempty" maxLength:"200"`
}

// TransformSchema lists the reasons that programs can give.
func (AdjustmentContent) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["reason"].Enum = choices(orbit.AdjustmentReasons())
	return s
}

type (
	// OperationParams names an operation.
	OperationParams struct {
		ID string `path:"id" doc:"The operation's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d01"`
	}
	// VariantParams names a variant.
	VariantParams struct {
		ID string `path:"id" doc:"The variant's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d01"`
	}
	operationsInput  struct{ ListParams }
	operationsOutput struct{ Body page[Operation] }
	operationOutput  struct{ Body Operation }
	adjustmentInput  struct {
		VariantParams
		Body content[AdjustmentContent]
	}
	adjustmentOutput struct{ Body Adjustment }
	adjustmentsInput struct {
		ListParams
		Variant string `query:"variant" doc:"A variant's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d01"`
	}
	adjustmentsOutput struct{ Body page[Adjustment] }
)

func exampleOperation() Operation {
	return Operation{ID: exampleThemeID, Kind: "bulk_edit", Status: "done", Who: "ada@example.com", Products: 12,
		UndoUntil: exampleTime().Add(orbit.UndoWithin), CreatedAt: exampleTime()}
}

func (a *API) operationRoutes() {
	read, write := orbit.ScopeProductsRead, orbit.ScopeProductsWrite
	adjustment := Adjustment{ID: exampleThemeID, VariantID: exampleThemeID, Delta: -2, Quantity: 10, Reason: "damage",
		Note: "Dropped", Who: "ada@example.com", CreatedAt: exampleTime()}
	registerShop(a, operation{method: http.MethodPost, path: "/variants/{id}/inventory", id: "adjustInventory",
		tag: tagProducts, scope: write, status: 201, errors: []int{409}, summary: "Adjust a quantity",
		about: "By `delta`, or to `quantity`. The ledger has a line for each.",
		body:  map[string]any{"delta": -2, "reason": "damage", "note": "Dropped"}, answer: adjustment}, a.adjustInventory)
	registerShop(a, operation{method: http.MethodGet, path: "/inventory-adjustments", id: "listInventoryAdjustments",
		tag: tagProducts, scope: read, status: 200, errors: []int{422}, summary: "List changes of a quantity",
		about:  "Those of one variant, the newest first. Their deltas add up to its quantity.",
		answer: page[Adjustment]{Items: []Adjustment{adjustment}}}, a.listAdjustments)
	registerShop(a, operation{method: http.MethodGet, path: "/operations", id: "listOperations", tag: tagProducts,
		scope: read, status: 200, errors: []int{422}, summary: "List operations",
		about:  "Imports and bulk edits, the newest first.",
		answer: page[Operation]{Items: []Operation{exampleOperation()}}}, a.listOperations)
	registerShop(a, operation{method: http.MethodPost, path: "/operations/{id}/undo", id: "undoOperation",
		tag: tagProducts, scope: write, status: 202, errors: []int{409}, summary: "Undo an operation",
		about: "All of it, in the background; what was sold since stays sold. 409 after `undoUntil`, and where products " +
			"were edited or deleted since: `errors` lists them. Safe to repeat.",
		answer: exampleOperation()}, a.undoOperation)
}

func operationView(o orbit.Operation) Operation {
	return Operation{ID: o.ID.String(), Kind: string(o.Kind), Status: string(o.Status), Title: o.Title, Who: o.Who,
		Products: o.Products, UndoUntil: o.UndoUntil.UTC(), UndoneAt: at(o.UndoneAt), Failure: o.Failure,
		CreatedAt: o.CreatedAt.UTC()}
}

func adjustmentView(a orbit.Adjustment) Adjustment {
	v := Adjustment{ID: a.ID.String(), VariantID: a.VariantID.String(), Delta: a.Delta, Quantity: a.Quantity,
		Reason: string(a.Reason), Note: a.Note, Who: a.Who, CreatedAt: a.CreatedAt.UTC()}
	if !a.OrderID.IsZero() {
		v.OrderID = text(a.OrderID.String())
	}
	return v
}

func (a *API) listOperations(ctx context.Context, d desk, in *operationsInput) (*operationsOutput, error) {
	after, err := a.tokens.after("operations", in.Cursor)
	if err != nil {
		return nil, err
	}
	var rows []orbit.Operation
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
		rows, err = t.OperationsAfter(ctx, after.Time, after.ID, in.Limit+1)
		return err
	})
	return &operationsOutput{list(a.tokens, "operations", in.Limit, rows, operationView,
		func(o orbit.Operation) store.After {
			return store.After{Time: o.CreatedAt, ID: o.ID.String()}
		})}, err
}

func (a *API) undoOperation(ctx context.Context, d desk, in *OperationParams) (*operationOutput, error) {
	key, err := id[orbit.Operation](in.ID)
	if err != nil {
		return nil, err
	}
	var o orbit.Operation
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) (err error) { o, err = e.Undo(ctx, key); return err })
	return &operationOutput{operationView(o)}, placed(err, "operation.")
}

func (a *API) adjustInventory(ctx context.Context, d desk, in *adjustmentInput) (*adjustmentOutput, error) {
	key, err := id[orbit.Variant](in.ID)
	if err != nil {
		return nil, err
	}
	body, r := read[AdjustmentContent](d.call)
	var bad orbit.Faults
	if body.Delta.Sent == body.Quantity.Sent && r.ok() {
		bad.Add("delta", "", "Send either delta or quantity.")
	}
	if !orbit.AdjustmentReasons().Has(orbit.InventoryReason(body.Reason)) {
		bad.Add("reason", body.Reason, "Choose one of %s.", orbit.AdjustmentReasons().Choices())
	}
	var made orbit.Adjustment
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		stock, err := e.HoldStock(ctx, key)
		if err != nil {
			return err
		}
		if err := r.with(bad.Err()); err != nil {
			return err
		}
		to := int64(stock) + body.Delta.Value
		if body.Quantity.Sent {
			to = body.Quantity.Value
		}
		if to == int64(stock) {
			return orbit.FaultOn(orbit.Invalid, "quantity", strconv.Itoa(stock), "This is the quantity already.")
		}
		form := orbit.InventoryForm{Batch: orbit.NewID[orbit.InventoryForm](), Reason: orbit.InventoryReason(body.Reason),
			Note: body.Note, Rows: []orbit.InventoryLine{{ID: key, Quantity: strconv.FormatInt(to, 10), Was: stock}}}
		r.names = map[string]string{"stock." + key.String(): "quantity"}
		if body.Delta.Sent {
			r.names["stock."+key.String()] = "delta"
		}
		if err := e.AdjustInventory(ctx, form); err != nil {
			return r.renamed(err)
		}
		lines, err := e.Adjustments(ctx, key, 0, 1)
		if err == nil {
			made = lines[0]
		}
		return err
	})
	return &adjustmentOutput{adjustmentView(made)}, err
}

func (a *API) listAdjustments(ctx context.Context, d desk, in *adjustmentsInput) (*adjustmentsOutput, error) {
	key, err := id[orbit.Variant](in.Variant)
	if err != nil {
		return nil, errParameters(orbit.Fault{Field: "query.variant", Value: shortText(in.Variant),
			Message: "Send a variant's id."})
	}
	name := "adjustments\x00" + in.Variant
	after, err := a.tokens.after(name, in.Cursor)
	if err != nil {
		return nil, err
	}
	before, _ := strconv.ParseInt(after.ID, 10, 64) // ours
	var rows []orbit.Adjustment
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
		rows, err = t.Adjustments(ctx, key, before, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &adjustmentsOutput{list(a.tokens, name, in.Limit, rows, adjustmentView, func(a orbit.Adjustment) store.After {
		return store.After{Time: a.CreatedAt, ID: strconv.FormatInt(a.Seq, 10)}
	})}, nil
}
