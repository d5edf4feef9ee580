// Words of the door in English: signing in and out, on every page of the staff. Their type is what every
// other language must have. Part of the kitchen's and the floor's dictionaries.

const door = {
  signIn: "Sign in",
  signingIn: "Signing in",
  email: "E-mail",
  password: "Password",
  wrongLogin: "E-mail and password do not match.",
  noAccess: "This login has no access here.",
  tooManyTries: "Too many tries. Wait a minute.",
  noAnswer: "No answer from the server. Try again.",
  loginEnded: "This login was ended. Sign in again.",
  signOut: "Sign out",
};

export type DoorWords = typeof door;
export default door;
