// The launch's own verdict on an image, for who asks without launching. Root.
//
// The way of a launch (helper/pipeline/pipeline.cc), with its functions in its order, but for what
// a launch leaves behind: nothing is cached, mounted or released. The copy that is examined has no
// name, and ends with this process; a long-term key is tried on the image's message, and nothing of
// what it opens leaves.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "helper/pipeline/node.h"
#include "keystore/base/error.h"

namespace sifguard {

struct ImageQuestion {
  std::string user;   ///< whose job; the image is opened as this user
  std::string image;  ///< as typed
  std::string cwd;    ///< absolute
  /// What is known about the job; what is not, and a binding asks for, refuses.
  std::optional<std::string> account, partition, qos, reservation, node;
};

/// What was found out, also where the answer is no.
struct ImageAnswer {
  std::string path;    ///< canonical, once opened
  std::string digest;  ///< "sha256:…", once copied
  std::vector<std::string> bindings;
  std::vector<std::string> signers;  ///< by whom it is verified
  std::string key;                   ///< name of the key that opens it; or empty
  std::string release;               ///< "pem" or "mount", of the bindings or the node
  std::string driver;                ///< "kernel" or "fuse", who reads a mounted root
  std::vector<std::string> break_glass;
  std::string warning;  ///< why it is not verified, and runs all the same (mode warn)
  std::string note;     ///< what a launch does otherwise; or empty
};

/// Fills `answer` as far as it comes. `libexec_dir`: where the opener and the sandboxed programs
/// are. Errors: those of a launch; Code::usage for a user that is not there.
Status verify_for(const ImageQuestion& question, const Node& node, const std::string& libexec_dir,
                  ImageAnswer& answer);

}  // namespace sifguard
