//! What a graph can be made of, as the coverage table counts it.

macro_rules! constructs {
    ($($name:ident, $floor:literal, $text:literal;)*) => {
        /// Something that a graph can hold.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Construct {
            $(#[doc = $text] $name,)*
        }

        impl Construct {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// In how many of a hundred graphs it must stand, at the least.
            pub fn floor(self) -> usize {
                match self { $(Self::$name => $floor,)* }
            }

            /// What the table calls it.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

constructs! {
    Chain, 10, "shape: long chain";
    Fan, 10, "shape: wide fan";
    Wavefront, 10, "shape: wavefront";
    Layers, 10, "shape: random among the last values";
    Islands, 10, "shape: independent components";
    NShape, 10, "shape: N, neither series nor parallel";
    If, 10, "`if`";
    IfLet, 10, "`if let`";
    Match, 10, "`match`";
    MatchGuard, 4, "`match` with a guard";
    MatchBorrowed, 6, "`match` on a reference";
    ConditionNode, 10, "condition is a node";
    ConditionGlue, 10, "condition is glue";
    ScrutineeNode, 10, "scrutinee is a node";
    BranchStatement, 10, "branch as a statement";
    BranchMoves, 10, "value moved in a branch";
    ForRange, 10, "`for` over a range";
    ForBorrowed, 10, "`for` over a borrowed list";
    ForOwned, 10, "`for` over a list by value";
    ForIterator, 10, "`for` over an iterator";
    ForNested, 6, "`for` in a `for`";
    ForStatement, 10, "`for` without value";
    QuestionInFor, 10, "`?` in a `for`";
    BranchInFor, 10, "branch in a `for`";
    Array, 10, "array of nodes";
    Tuple, 10, "tuple of nodes";
    Loop, 10, "`loop`";
    LoopMoves, 6, "`loop` that moves its binding and assigns it";
    LoopInner, 1, "`loop` in a `for` or a `loop`";
    LoopPastBound, 1, "`loop` past its bound";
    Question, 10, "`?` on a node";
    QuestionInGlue, 10, "`?` in glue";
    KeptResult, 10, "`Result` kept as a value";
    After, 10, "`#[after(..)]`";
    Discarded, 10, "`let _ = node`";
    NodeStatement, 10, "`node;`";
    Nested, 10, "graph as a node";
    NestedTail, 4, "graph as the tail";
    Shadowing, 10, "shadowing in an inner block";
    Unused, 10, "unused value";
    Closure, 10, "closure as a value";
    ClosureCall, 2, "closure called in glue";
    FnArgument, 10, "`impl Fn` argument";
    Captures, 10, "`format!` with inline captures";
    OtherMacro, 10, "`vec!`, `matches!`";
    StructLiteral, 10, "struct literal";
    MethodGlue, 10, "method call as glue";
    Indexing, 10, "indexing";
    Braced, 10, "`{ f(x) }`";
    NestedCall, 10, "plain call in an argument";
    Reference, 10, "reference as a value";
    Rename, 10, "`let a = b`";
    MutBinding, 10, "`let mut`";
    ChangeByNode, 10, "`&mut` argument";
    ChangeByGlue, 10, "binding changed by glue";
    BorrowThenMove, 10, "borrowed by a node, then moved";
    BorrowedResult, 10, "result borrows from an argument";
    PartMoved, 2, "field moved out";
    MethodNode, 10, "method as a node";
    TuplePattern, 10, "tuple pattern";
    ArrayPattern, 10, "array pattern";
    StructPattern, 6, "struct pattern";
    Generic, 10, "generic operator";
    ConstGeneric, 10, "const generic operator";
    Path, 10, "operator by path";
    Counted, 10, "value that counts its drop";
    Guard, 10, "value whose drop uses its borrow";
    BorrowedReturn, 8, "graph returns a borrow";
}
