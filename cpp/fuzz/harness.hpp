#pragma once

// From bytes to calls. The bytes say which function is called and what its options are; the options are found through the function's
// field table. Whatever the bytes are, a call must give a result or throw DomainError or KindError.

#include <cstdint>
#include <string>
#include <vector>

#include "clearformer/fields.hpp"

namespace clearformer::fuzz {

/// What the bytes still say; zeros after their end.
class Bytes {
public:
    Bytes(const std::uint8_t* data, Size size) : next_(data), end_(data + size) {}
    bool empty() const { return next_ == end_; }
    std::uint8_t byte() { return empty() ? std::uint8_t{0} : *next_++; }
    Size below(Size count) { return count < 2 ? 0 : count <= 256 ? byte() % count : (byte() * Size{256} + byte()) % count; }
    template <class T>
    const T& pick(const std::vector<T>& list) {
        return list[below(list.size())];
    }

private:
    const std::uint8_t *next_, *end_;
};

/// The options of one call after another.
class Input {
public:
    explicit Input(Bytes bytes) : bytes_(bytes) {}
    Bytes& bytes() { return bytes_; }

    /// Writes a function's options.
    void fill(const char* function, const FieldList& list);
    /// Throws std::logic_error where a result is not what its fields say: data that do not fill a shape, a trace that does not open.
    void judge(const FieldList& list);
    /// From now on a handle is one of these, made by this input; fill() takes the newest.
    const std::vector<unsigned>& handles() const { return handles_; }
    /// The only thing the next options hold is this handle.
    void only_handle(unsigned id) { only_ = id; }

private:
    struct Letter {
        std::string word;
        Size extent;
    };

    void fill(const FieldList& list, int depth);
    void change_some(const FieldList& list, int depth);
    void change_config(KeyValues& config);
    void fill_field(const Field& field, int depth);
    Size extent(const std::string& word);
    Shape shape(const char* letters);
    double number();
    double whole(double least, double most);
    std::string text(const char* field);
    template <class Real>
    void tensor(Array<Real>& array, const Field& field);
    template <class Real>
    void judge_tensor(const char* name, const Array<Real>& array) const;
    void judge_trace(const Trace& trace);

    Bytes bytes_;
    std::vector<Letter> letters_;
    std::vector<Size> leading_;
    std::vector<unsigned> handles_;
    unsigned only_ = 0;
};

struct Function {
    const char* name;
    void (*run)(Input& input);
};

/// The functions of all modules, in the order of the modules' names.
std::vector<Function>& functions();

/// Reads one valid call of each function, as `node scripts/fuzz.mjs --samples FILE` writes them. From then on half of all calls are such
/// a call with some options changed. False where there is no such file.
bool read_samples(const std::string& path);

/// Makes the calls that the bytes stand for. Returns how many gave a result.
int run(const std::uint8_t* data, Size size);

}  // namespace clearformer::fuzz
