// A photo from the phone on its way to a dish: made small before it is sent, since a phone's photo is far larger than
// any menu shows it. What cannot be read here goes as it is; the server says what is wrong with it.

/** In pixels, its longer side. */
const LONGEST = 1_920;
const QUALITY = 0.88;

export async function shrunk(photo: Blob): Promise<Blob> {
  try {
    const bitmap = await createImageBitmap(photo, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    const paper = canvas.getContext("2d");
    if (paper === null) return photo;
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const small = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return small ?? photo;
  } catch {
    return photo;
  }
}
