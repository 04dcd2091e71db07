#!/bin/sh
# Makes the JPEGs of this folder: 96 x 64 pixels, eight fields of one color under a smooth shade, as the sampling, coding and colors differ.
# With cjpeg of libjpeg-turbo 2.1.5 (Debian: libjpeg-turbo-progs) and ImageMagick 6.9.11 (CMYK).
set -eu
cd "$(dirname "$0")"
convert -size 96x64 xc:black -fill '#c83c28' -draw 'rectangle 0,0 23,31' -fill '#28a03c' -draw 'rectangle 24,0 47,31' \
	-fill '#2850c8' -draw 'rectangle 48,0 71,31' -fill '#e6c828' -draw 'rectangle 72,0 95,31' -fill '#f0f0f0' -draw 'rectangle 0,32 23,63' \
	-fill '#808080' -draw 'rectangle 24,32 47,63' -fill '#8c288c' -draw 'rectangle 48,32 71,63' -fill '#1e1e1e' -draw 'rectangle 72,32 95,63' \
	\( -size 96x64 gradient:white-gray80 \) -compose Multiply -composite -depth 8 source.ppm
for sampling in 1x1 2x1 1x2 2x2 4x1 3x1 2x2,1x1,1x2 1x1,2x2,2x2 2x1,1x2,1x1 3x2,1x1,1x1; do
	cjpeg -quality 92 -sample "$sampling" -outfile "sampled-$sampling.jpg" source.ppm
done
cjpeg -quality 92 -arithmetic -outfile arithmetic.jpg source.ppm
cjpeg -quality 92 -arithmetic -progressive -outfile arithmetic-progressive.jpg source.ppm
cjpeg -quality 92 -progressive -outfile progressive.jpg source.ppm
cjpeg -quality 92 -progressive -sample 2x2,1x1,1x2 -outfile progressive-odd.jpg source.ppm
cjpeg -quality 92 -restart 1 -outfile restart.jpg source.ppm
cjpeg -quality 92 -grayscale -outfile gray.jpg source.ppm
cjpeg -quality 92 -rgb -outfile rgb.jpg source.ppm
printf '0;\n1;\n2;\n' > scans
cjpeg -quality 92 -scans scans -outfile scans.jpg source.ppm # one component after the other, not progressive
convert source.ppm -colorspace CMYK -sampling-factor 1x1 -quality 92 cmyk.jpg
convert source.ppm -colorspace CMYK -sampling-factor 1x1 -interlace JPEG -quality 92 cmyk-progressive.jpg
rm source.ppm scans
