//! Pictures of dishes: whatever a phone took, checked and written anew in a few sizes. Nothing of the file but its
//! pixels goes on: no place, no time, no camera. Takes bytes and gives bytes; knows no store and no door.

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use sha2::{Digest, Sha256};
use std::io::Cursor;

/// Bytes of a picture as it is sent, at most.
pub const PICTURE_BYTES: usize = 10 * 1024 * 1024;
/// Pixels of it, at most: a bomb of a few kilobytes may claim thousands of millions.
pub const PICTURE_PIXELS: u64 = 50_000_000;
/// Bytes that decoding one may take, at most.
const DECODING_BYTES: u64 = 320 * 1024 * 1024;
/// In pixels: a list's thumb, twice and thrice of it, a phone's whole width.
pub const WIDTHS: [u16; 3] = [160, 480, 960];
/// A picture that is higher than this many times its width, or wider, is cut to it from the middle.
const MOST_STRETCHED: f64 = 1.5;
const QUALITY: u8 = 78;

/// A picture in its sizes.
#[derive(Debug)]
pub struct Shrunk {
    /// Names its content: 32 hexadecimal digits.
    pub id: String,
    /// Width in pixels, rising, and the JPEG.
    pub sizes: Vec<(u16, Vec<u8>)>,
}

/// Why something sent is no picture for a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("Send a JPEG, PNG or WebP picture.")]
    NotAPicture,
    #[error("This picture has too many pixels. Send one of at most 50 megapixels.")]
    TooManyPixels,
    #[error("This picture is broken.")]
    Broken,
}

/// Reads a picture and writes it anew. Takes a part of a second, and memory: not on a thread that others wait for.
///
/// # Errors
/// What is wrong with it.
pub fn shrink(bytes: &[u8]) -> Result<Shrunk, Unfit> {
    let picture = flat(&upright(bytes)?);
    let picture = DynamicImage::ImageRgb8(cut(picture));
    let mut sizes: Vec<(u16, Vec<u8>)> = Vec::new();
    for width in WIDTHS {
        // Nothing becomes sharper by being larger.
        let width = width.min(u16::try_from(picture.width()).unwrap_or(u16::MAX));
        if sizes.iter().all(|(there, _)| *there != width) {
            sizes.push((width, jpeg(&resized(&picture, width))?));
        }
    }
    let id = sizes.last().map(|(_, bytes)| Sha256::digest(bytes)).ok_or(Unfit::Broken)?;
    Ok(Shrunk { id: id.iter().take(16).map(|byte| format!("{byte:02x}")).collect(), sizes })
}

/// The picture as its camera was held.
fn upright(bytes: &[u8]) -> Result<DynamicImage, Unfit> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| Unfit::NotAPicture)?;
    if !matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) {
        return Err(Unfit::NotAPicture);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODING_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Unfit::Broken)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PICTURE_PIXELS {
        return Err(Unfit::TooManyPixels);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| Unfit::Broken)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// On white, where it can be looked through.
fn flat(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let picture = picture.to_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let on_white = |colour: u8| {
            let sum = u32::from(colour) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        };
        Rgb([red, green, blue].map(on_white))
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a side")]
fn cut(picture: RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let most = |side: u32| ((f64::from(side) * MOST_STRETCHED) as u32).max(1);
    let (wide, high) = (width.min(most(height)), height.min(most(width)));
    if (wide, high) == (width, height) {
        return picture;
    }
    image::imageops::crop_imm(&picture, (width - wide) / 2, (height - high) / 2, wide, high).to_image()
}

fn resized(picture: &DynamicImage, width: u16) -> DynamicImage {
    let width = u32::from(width);
    let height = (u64::from(picture.height()) * u64::from(width) / u64::from(picture.width().max(1))).max(1);
    picture.resize_exact(width, u32::try_from(height).unwrap_or(u32::MAX), FilterType::CatmullRom)
}

fn jpeg(picture: &DynamicImage) -> Result<Vec<u8>, Unfit> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY)).map_err(|_| Unfit::Broken)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// Left half red, right half blue.
    fn halves(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, _| if x * 2 < width { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) })
    }

    fn decoded(bytes: &[u8]) -> RgbImage {
        image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).unwrap().to_rgb8()
    }

    #[test]
    fn a_picture_is_written_in_every_width_that_it_has_and_named_by_its_content() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let shrunk = shrink(&encoded(&halves(600, 450), format)).unwrap();
            assert_eq!(shrunk.sizes.iter().map(|(width, _)| *width).collect::<Vec<_>>(), [160, 480, 600]);
            for (width, bytes) in &shrunk.sizes {
                let picture = decoded(bytes);
                assert_eq!(picture.dimensions(), (u32::from(*width), u32::from(*width) * 3 / 4));
                assert!(picture.get_pixel(3, 3).0[0] > 150 && picture.get_pixel(u32::from(*width) - 3, 3).0[2] > 150);
            }
            assert_eq!(shrunk.id, shrink(&encoded(&halves(600, 450), format)).unwrap().id);
            assert_ne!(shrunk.id, shrink(&encoded(&halves(598, 450), format)).unwrap().id);
        }
        assert_eq!(shrink(&encoded(&halves(90, 90), ImageFormat::Png)).unwrap().sizes.len(), 1, "nothing is blown up");
    }

    #[test]
    fn a_camera_held_upright_is_honoured_and_nothing_else_of_what_it_wrote_goes_on() {
        let plain = encoded(&halves(300, 200), ImageFormat::Jpeg);
        // An APP1 segment with one EXIF entry, "rotate by 90 degrees", and a place that nobody is to learn.
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        exif.extend_from_slice(b"40.4168N 3.7038W");
        let mut bytes = plain[..2].to_vec();
        bytes.extend_from_slice(&[0xff, 0xe1]);
        bytes.extend_from_slice(&u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
        bytes.extend_from_slice(&exif);
        bytes.extend_from_slice(&plain[2..]);
        let shrunk = shrink(&bytes).unwrap();
        let picture = decoded(&shrunk.sizes[0].1);
        assert!(picture.height() > picture.width(), "{:?}", picture.dimensions());
        assert!(picture.get_pixel(80, 3).0[0] > 150, "what was left is above");
        for (_, bytes) in &shrunk.sizes {
            assert!(!bytes.windows(4).any(|four| four == b"Exif" || four == b"40.4"), "it says where it was taken");
        }
    }

    #[test]
    fn glass_stands_on_white_and_a_strip_is_cut_to_its_middle() {
        let glass = image::RgbaImage::from_pixel(200, 200, image::Rgba([0, 0, 0, 0]));
        let mut bytes = Cursor::new(Vec::new());
        glass.write_to(&mut bytes, ImageFormat::Png).unwrap();
        let picture = decoded(&shrink(&bytes.into_inner()).unwrap().sizes[0].1);
        assert!(picture.get_pixel(50, 50).0.iter().all(|colour| *colour > 250));
        let strip = shrink(&encoded(&halves(900, 100), ImageFormat::Png)).unwrap();
        assert_eq!(decoded(&strip.sizes[0].1).dimensions(), (150, 100));
    }

    #[test]
    fn what_is_no_picture_is_refused_and_so_is_a_bomb_before_it_goes_off() {
        let gif = b"GIF89a\x01\0\x01\0\0\0\0;".as_slice();
        for other in [gif, b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"", b"hello"] {
            assert_eq!(shrink(other).unwrap_err(), Unfit::NotAPicture);
        }
        let whole = encoded(&halves(64, 64), ImageFormat::Png);
        assert_eq!(shrink(&whole[..whole.len() / 2]).unwrap_err(), Unfit::Broken);
        // A PNG that says it is 60,000 pixels wide and high: its header, with a right checksum, and little else.
        let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bomb.extend_from_slice(&60_000_u32.to_be_bytes());
        bomb.extend_from_slice(&60_000_u32.to_be_bytes());
        bomb.extend_from_slice(&[8, 2, 0, 0, 0]);
        let mut crc = flate2::Crc::new();
        crc.update(&bomb[12..]);
        bomb.extend_from_slice(&crc.sum().to_be_bytes());
        bomb.extend_from_slice(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        assert_eq!(shrink(&bomb).unwrap_err(), Unfit::TooManyPixels);
    }
}
