package dashboard

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"orbit360.app/handlers/kit"
	"orbit360.app/media"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

// showImageFile shows members their own shop's images, whether the shop is open or not.
func (r routes) showImageFile(c *fiber.Ctx, d desk) error {
	return r.SendImage(c, d.Merchant.ID, c.Params("file"), "private")
}

func (r routes) panel(m orbit.Merchant, product orbit.ProductID, all []orbit.Media) dashboard.Images {
	return dashboard.Images{Merchant: m, Product: product, All: all, Batch: uuid.NewString(),
		Action: r.Ticket(dashboard.ImagesPath(m, product), time.Now())}
}

// owner returns the product that a path's images are of; zero is the shop itself.
func owner(c *fiber.Ctx) (orbit.ProductID, error) {
	if c.Params("product") == "" {
		return orbit.ProductID{}, nil
	}
	return id[orbit.Product](c, "product")
}

// imageOf returns the image that a path is about, with its owner.
func imageOf(c *fiber.Ctx) (product orbit.ProductID, image orbit.MediaID, err error) {
	if product, err = owner(c); err != nil {
		return product, image, err
	}
	image, err = id[orbit.Media](c, "image")
	return product, image, err
}

// shopImages returns the shop's own images as they are now.
func (r routes) shopImages(c *fiber.Ctx, d desk) (dashboard.Images, error) {
	var all []orbit.Media
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		all, err = t.Images(ctx, orbit.ProductID{})
		return err
	})
	return r.panel(d.Merchant, orbit.ProductID{}, all), err
}

func (r routes) showShopImages(c *fiber.Ctx, d desk) error {
	if kit.IsHTMX(c) && strings.HasSuffix(kit.Target(c), "#images") { // not a link that leads here
		return r.renderPanel(c, d, orbit.ProductID{}, fiber.StatusOK, nil)
	}
	panel, err := r.shopImages(c, d)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.ShopImages(d.frame(), panel))
}

// showImages is the part of the product's page alone, for scripts that look whether an image is ready.
func (r routes) showImages(c *fiber.Ctx, d desk) error {
	product, err := id[orbit.Product](c, "product")
	if err != nil {
		return err
	}
	if !kit.IsHTMX(c) {
		return kit.See(c, dashboard.ProductPath(d.Merchant, product, "#images"))
	}
	return r.renderPanel(c, d, product, fiber.StatusOK, nil)
}

func (r routes) renderPanel(c *fiber.Ctx, d desk, product orbit.ProductID, status int, problems []string) error {
	panel, err := r.currentPanel(c, d, product)
	if err != nil {
		return err
	}
	panel.Problems = problems
	return r.Render(c, status, dashboard.ImagePanel(panel))
}

func (r routes) currentPanel(c *fiber.Ctx, d desk, product orbit.ProductID) (dashboard.Images, error) {
	if product.IsZero() {
		return r.shopImages(c, d)
	}
	s, err := r.sheet(c, d, product)
	return s.Panel, err
}

// createImages takes one or several files. Each is taken or refused by itself: those that are good stay.
func (r routes) createImages(c *fiber.Ctx, d desk) error {
	product, err := owner(c)
	if err != nil {
		return err
	}
	form := uploadsOf(c)
	batch, files, err := form.survey()
	if err != nil {
		return err
	}
	if files == 0 {
		return r.refuseImages(c, d, product, []string{"Choose one or more images first."})
	}
	if files > orbit.MaxShopImages {
		return r.refuseImages(c, d, product, []string{fmt.Sprintf("Upload at most %d images at once.", orbit.MaxShopImages)})
	}
	var problems []string
	added := 0
	var away error // once the blob store is, the other files aren't tried
	err = form.each(func(f upload) error {
		err := away
		if err == nil {
			err = r.addImage(c, d, product, batch, f)
			if orbit.CodeOf(err) == orbit.Unavailable {
				r.LogError(c, err)
				away = err
			}
		}
		if expected(err) {
			problems = append(problems, fileLabel(f.name)+": "+orbit.Sentence(err))
			return nil
		}
		if err != nil {
			return err
		}
		added++
		return nil
	})
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return r.refuseImages(c, d, product, problems)
	}
	if kit.IsHTMX(c) {
		return r.renderPanel(c, d, product, fiber.StatusOK, nil)
	}
	r.Toast(c, map[bool]string{true: "Image uploaded. Processing…",
		false: "Images uploaded. Processing…"}[added == 1])
	return kit.See(c, dashboard.ImagesPlace(d.Merchant, product))
}

func expected(err error) bool {
	switch orbit.CodeOf(err) {
	case orbit.Invalid, orbit.TooLarge, orbit.Conflict, orbit.Unavailable:
		return err != nil
	}
	return false
}

// fileLabel is a file's name where it can be shown.
func fileLabel(name string) string {
	clean, ok := orbit.Line(name)
	if !ok || clean == "" || len(clean) > 200 {
		return "A file"
	}
	return clean
}

func (r routes) refuseImages(c *fiber.Ctx, d desk, product orbit.ProductID, problems []string) error {
	if kit.IsHTMX(c) {
		return r.renderPanel(c, d, product, fiber.StatusUnprocessableEntity, problems)
	}
	if product.IsZero() {
		panel, err := r.shopImages(c, d)
		if err != nil {
			return err
		}
		panel.Problems = problems
		return r.Render(c, fiber.StatusUnprocessableEntity, dashboard.ShopImages(d.frame(), panel))
	}
	s, err := r.sheet(c, d, product)
	if err != nil {
		return err
	}
	s.Panel.Problems = problems
	return r.Render(c, fiber.StatusUnprocessableEntity, dashboard.Product(d.frame(), s))
}

func (r routes) addImage(c *fiber.Ctx, d desk, product orbit.ProductID, batch string, f upload) error {
	if f.size > orbit.MaxImageBytes {
		return orbit.Errorf(orbit.TooLarge,
			"An image can have at most %s; this one has %s. Resize or compress it.",
			orbit.Bytes(orbit.MaxImageBytes), orbit.Bytes(f.size))
	}
	return r.Media.Add(c.UserContext(), d.Shop, media.Upload{Product: product, Batch: batch, Name: f.name, File: f.data})
}

// updateImage gives an image its alternative text.
func (r routes) updateImage(c *fiber.Ctx, d desk) error {
	alt := c.FormValue("alt")
	return r.changeImage(c, d, "Description saved.",
		func(ctx context.Context, e *shop.Edit, product orbit.ProductID, image orbit.MediaID) error {
			return e.DescribeImage(ctx, product, image, alt)
		})
}

func (r routes) updateImagePosition(c *fiber.Ctx, d desk) error {
	by := 1
	if c.FormValue("by") == "-1" {
		by = -1
	}
	return r.changeImage(c, d, "",
		func(ctx context.Context, e *shop.Edit, product orbit.ProductID, image orbit.MediaID) error {
			return e.MoveImage(ctx, product, image, by)
		})
}

func (r routes) createImageDeletion(c *fiber.Ctx, d desk) error {
	return r.changeImage(c, d, "Image deleted.",
		func(ctx context.Context, e *shop.Edit, product orbit.ProductID, image orbit.MediaID) error {
			return e.DeleteImage(ctx, product, image)
		})
}

type imageChange func(context.Context, *shop.Edit, orbit.ProductID, orbit.MediaID) error

func (r routes) changeImage(c *fiber.Ctx, d desk, done string, change imageChange) error {
	product, image, err := imageOf(c)
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return change(ctx, e, product, image) })
	if err != nil {
		return err
	}
	if kit.IsHTMX(c) && done == "" {
		return r.renderPanel(c, d, product, fiber.StatusOK, nil)
	}
	if done != "" {
		r.Toast(c, done)
	}
	return kit.See(c, dashboard.ImagesPlace(d.Merchant, product))
}

func (r routes) newImageDeletion(c *fiber.Ctx, d desk) error {
	product, image, err := imageOf(c)
	if err != nil {
		return err
	}
	var p orbit.Media
	var older []int
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		if p, err = t.Image(ctx, image); err != nil {
			return err
		}
		if p.ProductID != product {
			return orbit.Missing()
		}
		older, err = t.ReleasesUsing(ctx, p)
		return err
	})
	q := dashboard.ImageDeletionQuestion(d.Merchant, p, older)
	if err != nil {
		if q, err = kit.Refuse(c, q, err); err != nil {
			return err
		}
	}
	return r.ask(c, d, q)
}
