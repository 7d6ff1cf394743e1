// The launch's own verdict on an image, for somebody who asks without launching it. Root.
//
// This calls the functions of a launch (helper/pipeline/pipeline.cc) in the same order, but caches,
// mounts and releases nothing. The copy that is examined has no name and ends with this process. A
// long-term key is tried on the image's message, and nothing that it decrypts leaves this process.
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
  /// What is known about the job. A fact that a binding asks for and that is absent here refuses.
  std::optional<std::string> account, partition, qos, reservation, node;
};

/// What was found, also when the answer is a refusal.
struct ImageAnswer {
  std::string path;    ///< canonical, once opened
  std::string digest;  ///< "sha256:…", once copied
  std::vector<std::string> bindings;
  std::vector<std::string> signers;  ///< whose signatures verify it
  std::string key;                   ///< name of the key that opens it; or empty
  std::string release;               ///< "pem" or "mount", of the bindings or the node
  std::string driver;                ///< "kernel" or "fuse": which of them reads a mounted root
  std::vector<std::string> break_glass;
  std::string warning;  ///< why it is not verified but runs all the same (mode warn)
  std::string note;     ///< what a launch would do differently; or empty
};

/// Fills `answer` as far as it gets before an error. `libexec_dir`: the directory of the opener and
/// the sandboxed programs. Errors: those of a launch; Code::usage for a user who does not exist.
Status verify_for(const ImageQuestion& question, const Node& node, const std::string& libexec_dir,
                  ImageAnswer& answer);

}  // namespace sifguard
