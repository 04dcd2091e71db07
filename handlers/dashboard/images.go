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
	"orbit360.app/store"
	"orbit360.app/views/dashboard"
)

// showImageFile shows members their own shop's images, whether the shop is open or not.
func (r routes) showImageFile(c *fiber.Ctx) error {
	m, _, err := r.active(c)
	if err != nil {
		return err
	}
	return r.SendImage(c, m.ID, c.Params("file"), "private")
}

func (r routes) panel(m orbit.Merchant, product orbit.ProductID, all []orbit.Media) dashboard.Images {
	return dashboard.Images{Merchant: m, Product: product, All: all, Batch: uuid.NewString(),
		Action: r.Ticket(dashboard.ImagesPath(m, product), time.Now())}
}

// owner is whose images a path is about: a product's, or the shop's own (zero).
func (r routes) owner(c *fiber.Ctx) (orbit.Merchant, []orbit.Merchant, orbit.ProductID, error) {
	if c.Params("product") == "" {
		m, shops, err := r.active(c)
		return m, shops, orbit.ProductID{}, err
	}
	return r.product(c)
}

// shopImages are the shop's own as they are now.
func (r routes) shopImages(c *fiber.Ctx, m orbit.Merchant) (dashboard.Images, error) {
	ctx := c.UserContext()
	var all []orbit.Media
	err := r.DB.For(m.ID).Do(ctx, func(t *store.Tenant) (err error) {
		all,
			err = t.Images(ctx, orbit.ProductID{})
		return err
	})
	return r.panel(m, orbit.ProductID{}, all), err
}

func (r routes) showShopImages(c *fiber.Ctx) error {
	m, shops, err := r.active(c)
	if err != nil {
		return err
	}
	if kit.IsHTMX(c) && strings.HasSuffix(kit.Target(c), "#images") { // not a link that leads here
		return r.renderPanel(c, m, orbit.ProductID{}, fiber.StatusOK, nil)
	}
	panel, err := r.shopImages(c, m)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.ShopImages(r.frame(c, shops), panel))
}

// showImages is the part of the product's page alone, for scripts that look whether an image is ready.
func (r routes) showImages(c *fiber.Ctx) error {
	m, _, id, err := r.product(c)
	if err != nil {
		return err
	}
	if !kit.IsHTMX(c) {
		return kit.See(c, dashboard.ProductPath(m, id, "#images"))
	}
	return r.renderPanel(c, m, id, fiber.StatusOK, nil)
}

func (r routes) renderPanel(c *fiber.Ctx, m orbit.Merchant, id orbit.ProductID, status int, problems []string) error {
	panel, err := r.currentPanel(c, m, id)
	if err != nil {
		return err
	}
	panel.Problems = problems
	return r.Render(c, status, dashboard.ImagePanel(panel))
}

func (r routes) currentPanel(c *fiber.Ctx, m orbit.Merchant, id orbit.ProductID) (dashboard.Images, error) {
	if id.IsZero() {
		return r.shopImages(c, m)
	}
	s, err := r.sheet(c, m, id)
	return s.Panel, err
}

// createImages takes one or several files. Each is taken or refused by itself: those that are good stay.
func (r routes) createImages(c *fiber.Ctx) error {
	m, shops, id, err := r.owner(c)
	if err != nil {
		return err
	}
	form := uploads{body: c.Request().Body(), contentType: string(c.Request().Header.ContentType())}
	batch, files, err := form.survey()
	if err != nil {
		return err
	}
	if files == 0 {
		return r.refuseImages(c, m, shops, id, []string{"Choose one or more images first."})
	}
	if files > orbit.MaxShopImages {
		return r.refuseImages(c, m, shops, id, []string{fmt.Sprintf("Upload at most %d images at once.",
			orbit.MaxShopImages)})
	}
	var problems []string
	added := 0
	var away error // once the blob store is, the other files aren't tried
	err = form.each(func(f upload) error {
		err := away
		if err == nil {
			err = r.addImage(c, m, id, batch, f)
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
		return r.refuseImages(c, m, shops, id, problems)
	}
	if kit.IsHTMX(c) {
		return r.renderPanel(c, m, id, fiber.StatusOK, nil)
	}
	r.Toast(c, map[bool]string{true: "The image is being made ready.",
		false: "The images are being made ready."}[added == 1])
	return kit.See(c, dashboard.ImagesPlace(m, id))
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

func (r routes) refuseImages(c *fiber.Ctx, m orbit.Merchant, shops []orbit.Merchant, id orbit.ProductID,
	problems []string) error {
	if kit.IsHTMX(c) {
		return r.renderPanel(c, m, id, fiber.StatusUnprocessableEntity, problems)
	}
	if id.IsZero() {
		panel, err := r.shopImages(c, m)
		if err != nil {
			return err
		}
		panel.Problems = problems
		return r.Render(c, fiber.StatusUnprocessableEntity, dashboard.ShopImages(r.frame(c, shops), panel))
	}
	s, err := r.sheet(c, m, id)
	if err != nil {
		return err
	}
	s.Panel.Problems = problems
	return r.Render(c, fiber.StatusUnprocessableEntity, dashboard.Product(r.frame(c, shops), s))
}

func (r routes) addImage(c *fiber.Ctx, m orbit.Merchant, id orbit.ProductID, batch string, f upload) error {
	if f.size > orbit.MaxImageBytes {
		return orbit.Errorf(orbit.TooLarge,
			"An image can have at most %s; this one has %s. Save it smaller or with more compression.",
			orbit.Bytes(orbit.MaxImageBytes), orbit.Bytes(f.size))
	}
	return r.Media.Add(c.UserContext(), kit.User(c).ID, media.Upload{Merchant: m.ID, Product: id, Batch: batch,
		Name: f.name, File: f.data}, r.Actor(c))
}

func (r routes) describeImage(c *fiber.Ctx) error {
	alt := c.FormValue("alt")
	return r.changeImage(c, func(ctx context.Context, user orbit.UserID, m orbit.MerchantID, p orbit.ProductID,
		id orbit.MediaID, who store.Actor) error {
		return r.DB.DescribeImage(ctx, user, m, p, id, alt, who)
	}, "The description is saved.")
}

func (r routes) moveImage(c *fiber.Ctx) error {
	by := 1
	if c.FormValue("by") == "-1" {
		by = -1
	}
	return r.changeImage(c, func(ctx context.Context, user orbit.UserID, m orbit.MerchantID, p orbit.ProductID,
		id orbit.MediaID, who store.Actor) error {
		return r.DB.MoveImage(ctx, user, m, p, id, by, who)
	}, "")
}

func (r routes) createImageDeletion(c *fiber.Ctx) error {
	return r.changeImage(c, r.DB.DeleteImage, "The image is deleted.")
}

type imageChange func(context.Context, orbit.UserID, orbit.MerchantID, orbit.ProductID, orbit.MediaID,
	store.Actor) error

func (r routes) changeImage(c *fiber.Ctx, change imageChange, sentence string) error {
	m, _, product, err := r.owner(c)
	if err != nil {
		return err
	}
	id, err := orbit.ParseID[orbit.Media](c.Params("image"))
	if err != nil {
		return err
	}
	if err := change(c.UserContext(), kit.User(c).ID, m.ID, product, id, r.Actor(c)); err != nil {
		return err
	}
	if kit.IsHTMX(c) && sentence == "" {
		return r.renderPanel(c, m, product, fiber.StatusOK, nil)
	}
	if sentence != "" {
		r.Toast(c, sentence)
	}
	return kit.See(c, dashboard.ImagesPlace(m, product))
}

func (r routes) newImageDeletion(c *fiber.Ctx) error {
	m, shops, product, err := r.owner(c)
	if err != nil {
		return err
	}
	id, err := orbit.ParseID[orbit.Media](c.Params("image"))
	if err != nil {
		return err
	}
	var p orbit.Media
	var older []int
	ctx := c.UserContext()
	err = r.DB.For(m.ID).Do(ctx, func(t *store.Tenant) (err error) {
		if p, err = t.Image(ctx, id); err != nil {
			return err
		}
		if p.ProductID != product {
			return errNoShop
		}
		older, err = t.Wearing(ctx, p)
		return err
	})
	section := "products"
	if product.IsZero() {
		section = "theme"
	}
	if orbit.CodeOf(err) == orbit.Conflict {
		return r.ask(c, shops, dashboard.Deletion{Merchant: m, Section: section, Title: "This image is in use",
			Message: orbit.Sentence(err), Back: dashboard.ImagesPlace(m, product), First: dashboard.ThemePath(m)})
	}
	if err != nil {
		return err
	}
	return r.ask(c, shops, dashboard.Deletion{Merchant: m, Section: section, Title: "Delete this image?",
		Action: dashboard.ImagePath(m, p, "/deletion"), Back: dashboard.ImagesPlace(m, product),
		Message: p.Name + " leaves the shop for good." + olderReleases(older)})
}

// olderReleases says which releases will lack an image, should the shop be rolled back to them.
func olderReleases(numbers []int) string {
	switch len(numbers) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(" Release %d shows it: rolled back to, there would be a gap.", numbers[0])
	}
	return fmt.Sprintf(" %d older releases show it, release %d the last: rolled back to, there would be a gap.",
		len(numbers), numbers[len(numbers)-1])
}
