// Words of the door in Spanish.

import type { DoorWords } from "./en";

const door: DoorWords = {
  signIn: "Entrar",
  signingIn: "Entrando",
  email: "Correo",
  password: "Contraseña",
  wrongLogin: "El correo y la contraseña no coinciden.",
  noAccess: "Este acceso no vale aquí.",
  tooManyTries: "Demasiados intentos. Espera un minuto.",
  noAnswer: "El servidor no responde. Prueba otra vez.",
  loginEnded: "Este acceso se cerró. Entra otra vez.",
  signOut: "Salir",
};

export default door;
