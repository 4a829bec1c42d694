//! Graphs that are generic over a trait, trait objects, and graphs inside functions.

use ember::prelude::*;
use ember_strangers::same_everywhere;

trait Shape {
    fn area(&self) -> f64;
    fn name(&self) -> String {
        "shape".to_string()
    }
}

#[derive(Clone)]
struct Square(f64);

#[derive(Clone)]
struct Circle {
    radius: f64,
}

impl Shape for Square {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
    fn name(&self) -> String {
        "square".to_string()
    }
}

impl Shape for Circle {
    fn area(&self) -> f64 {
        3.0 * self.radius * self.radius
    }
}

#[operator]
fn area(shape: &dyn Shape) -> f64 {
    shape.area()
}

#[operator]
fn area_of<T: Shape + ?Sized>(shape: &T) -> f64 {
    shape.area()
}

#[operator]
fn make(kind: &str, size: f64) -> Result<Box<dyn Shape + Send + Sync>, String> {
    match kind {
        "square" => Ok(Box::new(Square(size))),
        "circle" => Ok(Box::new(Circle { radius: size })),
        other => Err(format!("no shape is called {other}")),
    }
}

#[operator]
fn sum(areas: impl IntoIterator<Item = f64>) -> f64 {
    areas.into_iter().sum()
}

graph! {
    /// The areas of `shapes` and how they compare.
    fn measure<T: Shape + Sync>(shapes: &[T]) -> (Vec<f64>, f64, String) {
        let areas = for shape in shapes { area_of(shape) };
        let total = sum(areas.iter().copied());
        let names: Vec<String> = shapes.iter().map(Shape::name).collect();
        (areas, total, names.join(" "))
    }
}

graph! {
    /// Makes a shape of each kind and sums up the areas.
    fn build(kinds: &[(&str, f64)]) -> Result<f64, ember::Error> {
        let shapes = for (kind, size) in kinds { make(kind, *size)? };
        let areas = for shape in &shapes { area(shape.as_ref()) };
        let total = sum(areas);
        Ok(total)
    }
}

graph! {
    fn pair(a: &(dyn Shape + Sync), b: Box<dyn Shape + Send + Sync>) -> f64 {
        let (x, y) = (area(a), area(&*b));
        x - y
    }
}

fn measure_plain<T: Shape>(shapes: &[T]) -> (Vec<f64>, f64, String) {
    let areas: Vec<f64> = shapes.iter().map(area_of).collect();
    let total = sum(areas.iter().copied());
    let names: Vec<String> = shapes.iter().map(Shape::name).collect();
    (areas, total, names.join(" "))
}

fn build_plain(kinds: &[(&str, f64)]) -> Result<f64, String> {
    let shapes = kinds.iter().map(|(kind, size)| make(kind, *size)).collect::<Result<Vec<_>, _>>()?;
    Ok(sum(shapes.iter().map(|shape| area(shape.as_ref()))))
}

/// A graph over whatever `T` its caller has, written where it is used.
fn largest<T: Shape + Sync + Clone + Send>(shapes: &[T]) -> Option<T> {
    #[operator]
    fn compare<'s, U: Shape>(a: &'s U, b: &'s U) -> &'s U {
        if b.area() > a.area() { b } else { a }
    }

    graph! {
        fn larger<'s, U: Shape + Sync>(a: &'s U, b: &'s U, c: &'s U) -> &'s U {
            let ab = compare(a, b);
            compare(ab, c)
        }
    }

    match shapes {
        [] => None,
        [one] => Some(one.clone()),
        [a, rest @ ..] => Some(larger(a, &rest[0], rest.last()?).clone()),
    }
}

#[test]
fn one_graph_for_many_types() {
    let squares = [Square(1.0), Square(2.5)];
    let circles = vec![Circle { radius: 1.0 }];
    same_everywhere(&measure_plain(&squares), || measure(&squares));
    same_everywhere(&measure_plain(&circles), || measure(&circles));
    same_everywhere(&measure_plain::<Square>(&[]), || measure::<Square>(&[]));
}

#[test]
fn boxed_shapes() {
    let kinds = [("square", 2.0), ("circle", 1.0)];
    same_everywhere(&build_plain(&kinds), || build(&kinds).map_err(|error| error.to_string()));
    let error = build(&[("square", 1.0), ("blob", 1.0)]).expect_err("no blobs");
    assert_eq!(error.node(), "shapes[1]");
    assert!(error.to_string().contains("build"), "{error}");
    same_everywhere(&1.0, || pair(&Square(2.0), Box::new(Circle { radius: 1.0 })));
}

#[test]
fn graphs_inside_functions() {
    #[operator]
    fn double(x: f64) -> f64 {
        x * 2.0
    }
    #[graph_fn]
    fn quadruple(x: f64) -> f64 {
        let y = double(x);
        double(y)
    }

    same_everywhere(&Some(9.0), || {
        largest(&[Square(1.0), Square(3.0), Square(2.0)]).map(|shape| shape.area())
    });
    same_everywhere(&6.0, || quadruple(1.5));
}
