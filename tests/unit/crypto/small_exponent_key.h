// An OpenPGP key of RSA with the exponent 3, which no tool of today makes, and what it signed.
// Tests only.
#pragma once

namespace sifguard::test {

/// Of 2020; its secret half is lost.
inline constexpr const char* kSmallExponentKey = R"(-----BEGIN PGP PUBLIC KEY BLOCK-----

mQELBF4L4QABCACw1l3EDlvlei6QF1ax1l4bO+rnu4rIb6/IH0Pfj6XqOt+ILGXh
tOEmvgrpviN6MkUqcPWZmEN75D691kF/CTWOca5Nw9lC3LHV75McFOwTKu/gTzhD
uRwKKChznBVZIeh0WgoroI0bnihONvDyWUnALIWe9NSHJoTKWdnIC7wguN9oUmtu
vcHaUA+iRmQ1//9kFwxTnoWQ0zCk5UrxvJyg2qhnd881Y+LDZBeZD1y/gKx+x/Hj
mlyn++RFIwsOVTSBuIo9xCrXt3dNTE2FyBNEp4fhCLzD06Us/jgn0ESd64yjI3Jn
59R8JXbpyGS0QZYa3dImZaJr3Cbu650X/TKZAAIDtBVzbWFsbCA8c0BleGFtcGxl
Lm9yZz6JAU4EEwEKADgWIQRGh283Uyef8dzx6Xdg7Ulfw2/61QUCXgvhAAIbAwUL
CQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRBg7Ulfw2/61XzhB/9QdbWfC7Va+Bj8
6nt7DRFZ9kCnYpZTgbL6C4hn0iBENcG6GzqlkXvitWrcEzGM5Twi9MebeUjq9kA9
BgV8lKEi18LFJKrsabPNUS1QV74V8BCATpZQQhjsh5bNorAlXCF0bypvsW48VvgB
+rYK7nvJiXNcgsZmoco3RuJJr9cGnL+yY4SxjMhc8HyzZf4+ImjXBTAGjkk2kidC
SffqZIvq4ZzsRmbM2QbLYw9WrGM7ZB319VIHFwngArQiHhgdW791na0Ct6ryot3u
gOEdQ3QVRvUE3r+k1jYBwO0nu6KOrfNbGYMMzFGRdtex5KWKB/sxFnVxizMiGAay
WSJ01Lcy
=Z3Ct
-----END PGP PUBLIC KEY BLOCK-----
)";
inline constexpr const char* kSmallExponentFingerprint = "46876F3753279FF1DCF1E97760ED495FC36FFAD5";
/// Of "s".
inline constexpr const char* kSmallExponentSignature = R"(-----BEGIN PGP SIGNATURE-----

iQEzBAABCgAdFiEERodvN1Mnn/Hc8el3YO1JX8Nv+tUFAl4NMoAACgkQYO1JX8Nv
+tWSyQf9FmRacIhIqnYle42m5vKQvhNsbmy6XmzU6UXL6v1+Aluw5RMcwjcf6O0s
UFWxiSut82Sm50z4C9yQ7XQYxOD/jsiXugk5ie+mHdTtutQp2++IvY28knhNU0jj
eqbB/1cEnU+Vvx6iGdfPD5VtVshY+MN2JLRnZyI01cnxvJCidUTso0OaVriIgn8t
GHBE11i/+1FF+az2b4ld3+zQvKYfz9I5qR0bCCjFxTD6z8UuJoE7n7LCAaJDytBG
Lm588AJJekO82DeWfUBSHQ5nBXn8yE92xaWpr/eXcVLpZxjBbG7d1+Go6he1DBWx
lurk5ebr6Y/c9Vg9i6W6BzIYXlxwRw==
=8xgX
-----END PGP SIGNATURE-----
)";

}  // namespace sifguard::test
