// Carries the precompiled headers of the unit tests (tests/CMakeLists.txt): a program, because
// Clang wants them compiled as what uses them is.
int main() {
  return 0;
}
