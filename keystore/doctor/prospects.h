// Whether any launch could succeed now under a binding, and with a key, and until when if nothing
// is renewed. It checks what a launch checks before and after it opens an image. The rights of the
// admin.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keystore/doctor/examined.h"

namespace sifguard {

struct Prospect {
  std::string name;        ///< of the binding or key
  bool passes = true;      ///< some launch could succeed
  std::string why;         ///< a clause: why none could, or what expires
  std::int64_t until = 0;  ///< the first second from which none could; 0: no end is known
  bool is_others = false;  ///< another check reports it, or the end is intended
};

struct Prospects {
  std::vector<Prospect> bindings;  ///< in the order of images.yaml
  std::vector<Prospect> keys;  ///< those whose private half is in the keystore and not destroyed
};

/// Leaves out what could not be read.
[[nodiscard]] Prospects find_prospects(const Examined& examined);

}  // namespace sifguard
